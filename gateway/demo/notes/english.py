"""The English voice: what each slot of the English templates stands for.

Law: what stands in the record is written as the record has it, in some form; all else is drawn anew.
Imports: the other files of this package, domain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random

from gateway.demo.notes import dates, mentions, numbers
from gateway.demo.notes.chart import Chart, Name
from gateway.demo.notes.english_chart import NAMES, PLACES, STATES, WEB, email, english_name, home, street
from gateway.demo.notes.lists import cultures, listed, table
from gateway.demo.notes.pieces import Pieces, plain
from gateway.demo.notes.timeline import Timeline
from gateway.domain.deid import IdentifierType as T

_COUNTRIES = ("Mexico", "Canada", "Poland", "Ghana", "Vietnam", "Portugal", "Jordan", "India", "Ireland")
_LANGUAGES = ("Spanish", "Polish", "Tagalog", "Haitian Creole", "Arabic", "English", "Vietnamese")
CLEAN = frozenset({
    "age", "side", "Side", "sex", "sexletter", "year", "he", "He", "him", "hisher", "Hisher", "relation", "Relation",
    "state", "st", "country", "language", "los",
})  # fmt: skip
OLD = 89  # years; an age above is an identifier


class EnglishVoice:
    """Says the slots of one note about one patient."""

    clean = CLEAN

    def __init__(self, draw: Random, chart: Chart) -> None:
        self._draw, self._chart = draw, chart
        self._staff = [self._someone() for _ in range(3)]
        self._nurses = [self._someone() for _ in range(2)]
        self._kin, self._area = self._relative(), draw.choice(table(STATES))[3]
        self._numeric = draw.choice(dates.NUMERIC)
        self._worded = draw.random() < 0.25
        self._phone_style = draw.choices((None, 0, 1, 2, 4), (20, 30, 30, 10, 10))[0]
        self._time = Timeline(draw, chart.today)
        self.slots = self._said()

    def say(self, slot: str) -> Pieces:
        """The pieces for one mention of a slot; raises KeyError for a slot that there is not."""
        return self.slots[slot]()

    def _someone(self) -> Name:
        culture = self._draw.choice(cultures(NAMES))
        return english_name(self._draw, culture, female=self._draw.random() < 0.5)

    def _relative(self) -> Name:
        """A woman of the family: the templates speak of a mother, sister or daughter."""
        someone = english_name(self._draw, self._draw.choice(cultures(NAMES)), female=True)
        return Name(given=someone.given, family=self._draw.choice((self._chart.name.family, someone.family)))

    def _said(self) -> dict[str, Callable[[], Pieces]]:
        return {
            **self._people(),
            **self._words(),
            **self._days(),
            **self._places(),
            **self._reached(),
            **self._numbers(),
        }

    def _people(self) -> dict[str, Callable[[], Pieces]]:
        draw, chart = self._draw, self._chart
        name, other = chart.name, chart.relative
        maiden = chart.maiden or Name(given=name.given, family=self._someone().family)
        return {
            "pt": lambda: mentions.turned(draw, name) if draw.random() < 0.06 else mentions.full(draw, name),
            "lastfirst": lambda: mentions.turned(draw, name),
            "first": lambda: mentions.named(draw, name.given),
            "last": lambda: mentions.named(draw, name.family),
            "last2": lambda: mentions.named(draw, maiden.family),
            "maiden": lambda: mentions.full(draw, maiden),
            "nick": lambda: mentions.named(draw, self._someone().given),
            "spelled": lambda: [("-".join(c for c in name.family.upper() if c.isalpha()), T.NAME)],
            "initials": lambda: [(f"{name.given[0]}{name.family[0]}".upper(), T.NAME)],
            "rel": lambda: mentions.full(draw, other),
            "relfirst": lambda: mentions.named(draw, other.given),
            "kin": lambda: mentions.full(draw, self._kin),
            "kinfirst": lambda: mentions.named(draw, self._kin.given),
            "kinlast": lambda: mentions.named(draw, self._someone().family),
            "gp": lambda: mentions.professional(draw, chart.practitioner),
            "staff": lambda: mentions.professional(draw, draw.choice(self._staff)),
            "stafffirst": lambda: mentions.named(draw, draw.choice(self._staff).given),
            "doclast": lambda: mentions.named(draw, draw.choice(self._staff).family),
            "nurse": lambda: mentions.professional(draw, draw.choice(self._nurses)),
        }

    def _words(self) -> dict[str, Callable[[], Pieces]]:
        draw, chart = self._draw, self._chart
        female, age = chart.female, chart.age
        sex = (
            ("girl" if female else "boy")
            if age < 13
            else draw.choice(("woman", "female") if female else ("man", "male"))
        )
        title = ("Ms." if female else "Mr.") if age > 12 else "Little"
        if female and age > 12 and draw.random() < 0.4:
            title = "Mrs."
        said = {
            "sex": sex, "sexletter": "F" if female else "M", "title": title, "Title": title,
            "he": "she" if female else "he", "He": "She" if female else "He", "him": "her" if female else "him",
            "hisher": "her" if female else "his", "Hisher": "Her" if female else "His",
            "relation": chart.relation, "Relation": chart.relation.capitalize(),
        }  # fmt: skip
        side = draw.choice(("left", "right"))
        fixed = {slot: (lambda text=text: plain(text)) for slot, text in said.items()}
        return {
            **fixed,
            "side": lambda: plain(side),
            "Side": lambda: plain(side.capitalize()),
            "age": lambda: [(str(age), T.AGE if age > OLD else None)],
            "oldage": lambda: [(str(draw.randint(90, 104)), T.AGE)],
            "year": lambda: plain(
                str(draw.randint(max(chart.birth.year, chart.today.year - 22), chart.today.year - 1))
            ),
            "los": lambda: plain(str((self._time.today - self._time.admitted).days)),
            "state": lambda: plain(draw.choice(table(STATES))[0]),
            "st": lambda: plain(chart.home.state),
            "country": lambda: plain(draw.choice(_COUNTRIES)),
            "language": lambda: plain(draw.choice(_LANGUAGES)),
        }

    def _days(self) -> dict[str, Callable[[], Pieces]]:
        draw, time = self._draw, self._time
        return {
            "today": lambda: self._day(time.today), "dis": lambda: self._day(time.today), "adm": lambda: self._day(time.admitted),
            "dob": lambda: self._day(self._chart.birth, whole=True),
            "bday": lambda: [(dates.written(draw, self._chart.birth, dates.YEARLESS[1:]), T.DATE)],
            "stay": lambda: self._day(time.within()), "past": lambda: self._day(time.before()), "past2": lambda: self._day(time.earlier),
            "future": lambda: self._day(time.after()),
            "pastmonth": lambda: [(dates.written(draw, time.before(), dates.MONTHS), T.DATE)],
            "futuremonth": lambda: [(dates.written(draw, time.after(), dates.MONTHS[:2]), T.DATE)],
        }  # fmt: skip

    def _day(self, day: date, *, whole: bool = False) -> Pieces:
        forms: Sequence[dates.Form] = (self._numeric,)
        chance = self._draw.random()
        if self._worded or chance < 0.2:
            forms = dates.WORDED
        elif chance < 0.4 and not whole:
            forms = dates.YEARLESS
        elif chance < 0.5:
            forms = dates.NUMERIC
        return [(dates.written(self._draw, day, forms), T.DATE)]

    def _places(self) -> dict[str, Callable[[], Pieces]]:
        draw, lives = self._draw, self._chart.home
        town, (other, _) = draw.choice(listed(PLACES, "towns")), home(draw)

        def organization(section: str) -> Callable[[], Pieces]:
            return lambda: [(draw.choice(listed(PLACES, section)), T.ORGANIZATION)]

        practice = draw.choice(listed(PLACES, "practices"))
        shops = [name for name in listed(PLACES, "practices") if "Pharmacy" in name]
        schools = [name for name in listed(PLACES, "employers") if "School" in name]
        employer = draw.choice(listed(PLACES, "employers"))
        return {
            "hosp": lambda: [(self._chart.hospital, T.ORGANIZATION)],
            "otherhosp": organization("hospitals"),
            "practice": lambda: [(practice, T.ORGANIZATION)],
            "pharmacy": lambda: [(draw.choice(shops), T.ORGANIZATION)],
            "school": lambda: [(draw.choice(schools), T.ORGANIZATION)],
            "employer": lambda: [(employer, T.ORGANIZATION)],
            "town": lambda: [(lives.city, T.LOCATION)], "town2": lambda: [(town, T.LOCATION)],
            "street": lambda: [(lives.line, T.STREET)], "street2": lambda: [(street(draw), T.STREET)],
            "zip": lambda: [(lives.zip + ("" if draw.random() < 0.85 else f"-{draw.randint(1000, 9999)}"), T.ZIP)],
            "zip2": lambda: [(other.zip, T.ZIP)],
        }  # fmt: skip

    def _reached(self) -> dict[str, Callable[[], Pieces]]:
        draw, chart = self._draw, self._chart

        def phone(number: str | None = None, kind: T = T.PHONE) -> Pieces:
            value = number or numbers.us_phone(draw, self._area)
            return [(numbers.us_phone_written(draw, value, self._phone_style), kind)]

        org = "".join(c for c in chart.hospital.lower() if c.isalpha())
        someone = self._staff[0]
        return {
            "phone": lambda: phone(chart.phone), "relphone": lambda: phone(chart.relative_phone),
            "phone2": phone, "phone3": phone, "gpphone": phone, "fax": lambda: phone(kind=T.FAX),
            "pager": lambda: [(str(draw.randint(1000, 99999)), T.PHONE)],
            "email": lambda: [(chart.email, T.EMAIL)], "email2": lambda: [(email(draw, someone), T.EMAIL)],
            "url": lambda: [(draw.choice(("https://", "www.", "")) + f"my{org}.org/{draw.choice(('portal', 'chart', 'login'))}", T.URL)],
            "url2": lambda: [(f"https://{draw.choice(WEB)}/~{chart.email.partition('@')[0]}", T.URL)],
            "ip": lambda: [(numbers.ip(draw), T.IP)],
        }  # fmt: skip

    def _numbers(self) -> dict[str, Callable[[], Pieces]]:
        draw, values = self._draw, self._chart.identifiers

        def formed(kind: T, *forms: str) -> Callable[[], Pieces]:
            return lambda: [(numbers.formed(draw, draw.choice(forms)), kind)]

        return {
            "mrn": lambda: [(values["MR"], T.MRN)], "mrn2": formed(T.MRN, "9999999", "A9999999"),
            "visitno": formed(T.MRN, "V99999999", "999999999", "99-9999999"),
            "acc": formed(T.MRN, "A99999999", "S99-99999", "AA-99-999999", "9999999999", "99-AA-99999"),
            "ssn": lambda: [(numbers.ssn_written(draw, values["SS"]), T.SSN)],
            "member": lambda: [(values["MB"], T.HEALTH_PLAN)], "acct": lambda: [(values["AN"], T.ACCOUNT)],
            "dl": lambda: [(values["DL"], T.LICENSE)], "npi": lambda: [(numbers.npi(draw), T.LICENSE)],
            "dea": lambda: [(numbers.dea(draw, self._staff[0].family), T.LICENSE)],
            "lic": formed(T.LICENSE, "AA99999", "99.999999", "A-999999", "AAA9999999"),
            "plate": formed(T.VEHICLE, "AAA 9999", "AAA-999", "999 AAA", "9AA A99"),
            "vin": lambda: [(numbers.vin(draw), T.VEHICLE)], "udi": lambda: [(numbers.udi(draw), T.DEVICE)],
            "device": formed(T.DEVICE, "AAA999999A", "99999999", "A99-9999-99", "AA9999999"),
            "nid": lambda: [(draw.choice((numbers.nhs, numbers.dni, numbers.nie))(draw), T.NATIONAL_ID)],
            "passport": formed(T.PASSPORT, "A99999999", "999999999", "AA999999"),
            "interp": formed(T.ID, "999999", "AA9999", "99999"), "job_no": formed(T.ID, "9999999", "99999"),
            "emsid": formed(T.ID, "99-999999", "E9999999"), "caseno": formed(T.ID, "99-99999", "9999-999999"),
            "subject": formed(T.ID, "999-9999", "AAA-99-999", "A-9999"), "authno": formed(T.ID, "A99999999", "99999999AA", "PX-999999"),
        }  # fmt: skip
