"""The Chinese voice and its patients: names without blanks, resident numbers, addresses from large to small.

Law: what stands in the record is written as the record has it, in some form; all else is drawn anew. A province
is no identifier, as a state is none. Imports: the other files of this package, domain.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from gateway.demo.notes import dates, numbers
from gateway.demo.notes.chart import Chart, Home, Name
from gateway.demo.notes.lists import cultures, listed
from gateway.demo.notes.pieces import Pieces, plain
from gateway.demo.notes.timeline import Timeline
from gateway.domain.deid import IdentifierType as T

_NAMES, _PLACES = "words/names_zh.txt", "words/places_zh.txt"
_RELATIONS = {"女儿": True, "儿子": False, "妻子": True, "丈夫": False, "妹妹": True, "侄子": False}
_AREAS = ("530999", "330998", "510997", "320996", "440995")  # of no county
_FULL_WIDTH = str.maketrans(",:;()", "\uff0c\uff1a\uff1b\uff08\uff09")
Slots = dict[str, Callable[[], Pieces]]


def _name(draw: Random, *, female: bool) -> Name:
    culture = draw.choices(cultures(_NAMES), (92, 8))[0]
    given, family = draw.choice(culture.female if female else culture.male), draw.choice(culture.family)
    return Name(given=given, family=family, full=family + given)


def _phone(draw: Random) -> str:
    """A mobile number, of ranges that are not given to persons."""
    return f"{draw.choice(('140', '142', '143'))}{draw.randint(0, 99_999_999):08d}"


def _home(draw: Random) -> Home:
    province, city = draw.choice(listed(_PLACES, "cities")).split(":")
    district = draw.choice(listed(_PLACES, "districts"))
    estate = draw.choice(("", draw.choice(listed(_PLACES, "estates"))))
    flat = draw.choice(
        (
            f"{draw.randint(1, 30)}栋{draw.randint(1, 4)}单元{draw.randint(101, 2802)}室",
            f"{draw.randint(1, 9)}-{draw.randint(101, 902)}",
            "",
        )
    )
    line = f"{draw.choice(listed(_PLACES, 'streets'))}{draw.randint(1, 480)}号{estate}{flat}"
    return Home(line=line, city=city + district, state=province, zip=numbers.digits(draw, 6), country="CN")


def chinese_chart(draw: Random, number: str, *, ages: tuple[int, int], female: bool) -> Chart:
    """A patient of an age between two, in years."""
    today = date(2020, 1, 1) + timedelta(days=draw.randrange(2200))
    birth = today - timedelta(days=draw.randint(*ages) * 365 + draw.randint(30, 300))
    relation = draw.choice(tuple(_RELATIONS))
    nid = numbers.resident_number(draw, draw.choice(_AREAS), f"{birth:%Y%m%d}", female=female)
    return Chart(
        id=f"pt-{number}", name=_name(draw, female=female), maiden=None, female=female, birth=birth, today=today,
        home=_home(draw), phone=_phone(draw), email=f"u{draw.randint(10_000, 99_999_999)}@youxiang.example",
        identifiers={
            "MR": numbers.formed(draw, draw.choice(("99999999", "A9999999", "9999999999"))), "NI": nid,
            "MB": numbers.formed(draw, draw.choice(("A99999999", "999999999999"))),
        },
        relation=relation, relative=_name(draw, female=_RELATIONS[relation]), relative_phone=_phone(draw),
        practitioner=_name(draw, female=draw.random() < 0.5), hospital=draw.choice(listed(_PLACES, "hospitals")),
    )  # fmt: skip


def full_width(pieces: Pieces) -> Pieces:
    """The punctuation that is not inside an identifier in its full-width form."""
    return [(text if kind else text.translate(_FULL_WIDTH), kind) for text, kind in pieces]


class ChineseVoice:
    """Says the slots of one note about one patient."""

    clean = frozenset({"age", "sex", "relation", "year"})

    def __init__(self, draw: Random, chart: Chart) -> None:
        self._draw, self._chart, self._time = draw, chart, Timeline(draw, chart.today)
        self._staff = [_name(draw, female=draw.random() < 0.5) for _ in range(3)]
        self._nurse = _name(draw, female=True)
        self._form = draw.choice(dates.CHINESE)
        self.slots: Slots = {**self._people(), **self._days(), **self._places(), **self._numbers()}

    def say(self, slot: str) -> Pieces:
        """The pieces for one mention of a slot; raises KeyError for a slot that there is not."""
        return self.slots[slot]()

    def _people(self) -> Slots:
        draw, chart = self._draw, self._chart
        kin = _name(draw, female=draw.random() < 0.5)

        def named(name: Name) -> Pieces:
            return [(name.text, T.NAME)]

        return {
            "pt": lambda: named(chart.name), "rel": lambda: named(chart.relative), "kin": lambda: named(kin),
            "gp": lambda: named(chart.practitioner), "staff": lambda: named(draw.choice(self._staff)),
            "nurse": lambda: named(self._nurse), "doclast": lambda: [(draw.choice(self._staff).family, T.NAME)],
            "sex": lambda: plain("女" if chart.female else "男"), "relation": lambda: plain(chart.relation),
            "age": lambda: [(str(chart.age), T.AGE if chart.age > 89 else None)],
            "oldage": lambda: [(str(draw.randint(90, 103)), T.AGE)],
            "year": lambda: plain(str(chart.today.year - draw.randint(1, 20))),
        }  # fmt: skip

    def _days(self) -> Slots:
        draw, time = self._draw, self._time

        def said(day: date) -> Pieces:
            forms = dates.CHINESE if draw.random() < 0.15 else (self._form,)
            return [(dates.written(draw, day, forms), T.DATE)]

        return {
            "today": lambda: said(time.today), "dis": lambda: said(time.today), "adm": lambda: said(time.admitted),
            "dob": lambda: said(self._chart.birth), "stay": lambda: said(time.within()),
            "past": lambda: said(time.before()), "past2": lambda: said(time.earlier), "future": lambda: said(time.after()),
            "pastmonth": lambda: [(dates.written(draw, time.before(), dates.CHINESE_SHORT[1:2]), T.DATE)],
        }  # fmt: skip

    def _places(self) -> Slots:
        draw, home = self._draw, self._chart.home
        other = _home(draw)

        def listed_as(section: str) -> Callable[[], Pieces]:
            return lambda: [(draw.choice(listed(_PLACES, section)), T.ORGANIZATION)]

        def address() -> Pieces:
            province = plain(home.state if draw.random() < 0.6 else "")
            return [*province, (home.city, T.LOCATION), (home.line, T.STREET)]

        return {
            "hosp": lambda: [(self._chart.hospital, T.ORGANIZATION)], "otherhosp": listed_as("hospitals"),
            "practice": listed_as("practices"), "employer": listed_as("employers"), "address": address,
            "town": lambda: [(home.city, T.LOCATION)], "town2": lambda: [(other.city, T.LOCATION)],
            "zip": lambda: [(home.zip, T.ZIP)],
        }  # fmt: skip

    def _numbers(self) -> Slots:
        draw, chart, values = self._draw, self._chart, self._chart.identifiers

        def phone(number: str | None = None) -> Pieces:
            value = number or _phone(draw)
            landline = f"0{draw.randint(300, 899)}-{draw.randint(2_000_000, 8_999_999)}"
            spaced = f"{value[:3]} {value[3:7]} {value[7:]}"
            return [(draw.choice((value, value, spaced, landline if number is None else value)), T.PHONE)]

        def formed(kind: T, *forms: str) -> Callable[[], Pieces]:
            return lambda: [(numbers.formed(draw, draw.choice(forms)), kind)]

        return {
            "phone": lambda: phone(chart.phone), "relphone": lambda: phone(chart.relative_phone), "phone2": phone,
            "email": lambda: [(chart.email, T.EMAIL)], "url": lambda: [("https://baogao.example/chaxun", T.URL)],
            "mrn": lambda: [(values["MR"], T.MRN)], "nid": lambda: [(values["NI"], T.NATIONAL_ID)],
            "member": lambda: [(values["MB"], T.HEALTH_PLAN)], "acc": formed(T.MRN, "AA9999999", "9999999999"),
            "visitno": formed(T.MRN, "9999999999", "MZ99999999"), "passport": formed(T.PASSPORT, "E99999999", "EA9999999"),
            "device": formed(T.DEVICE, "AAA999999", "AA-99-99999"),
        }  # fmt: skip
