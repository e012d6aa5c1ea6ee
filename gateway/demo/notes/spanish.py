"""The Spanish voice and its patients: two family names, DNI, postal codes and telephones of Spain.

Law: what stands in the record is written as the record has it, in some form; all else is drawn anew.
Imports: the other files of this package, domain.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from gateway.demo.notes import dates, mentions, numbers
from gateway.demo.notes.chart import Chart, Home, Name
from gateway.demo.notes.lists import Culture, cultures, listed
from gateway.demo.notes.pieces import Pieces, plain
from gateway.demo.notes.timeline import Timeline
from gateway.domain.deid import IdentifierType as T

_NAMES, _PLACES = "words/names_es.txt", "words/places_es.txt"
_RELATIONS = {"hija": True, "hijo": False, "esposa": True, "marido": False, "hermana": True, "sobrino": False}
_PROVINCES = (
    ("Soria", "42"),
    ("Teruel", "44"),
    ("Zamora", "49"),
    ("Lugo", "27"),
    ("Álava", "01"),
    ("Cáceres", "10"),
)
_COUNTRIES = ("Ecuador", "Marruecos", "Rumanía", "Perú", "Colombia", "Bolivia")
Slots = dict[str, Callable[[], Pieces]]


def _name(draw: Random, *, female: bool) -> Name:
    culture: Culture = draw.choice(cultures(_NAMES))
    given = draw.sample(culture.female if female else culture.male, 2)
    families = draw.sample(culture.family, 2)
    double = draw.random() < 0.25
    return Name(given=" ".join(given) if double else given[0], family=" ".join(families))


def _phone(draw: Random) -> str:
    """Nine digits, as mobile and other telephones of Spain have."""
    return f"{draw.choice('69')}{draw.randint(0, 9)}555{draw.randint(0, 9999):04d}"


def _written(draw: Random, phone: str) -> str:
    a, b, c = phone[:3], phone[3:6], phone[6:]
    forms = (
        f"{a} {b} {c}",
        f"{a}-{b}-{c}",
        phone,
        f"+34 {a} {b} {c}",
        f"{a} {b[:2]} {b[2]}{c[0]} {c[1:]}",
        f"{a}.{b}.{c}",
    )
    return draw.choice(forms)


def _home(draw: Random) -> Home:
    province, zip2 = draw.choice(_PROVINCES)
    code = f"{zip2}{draw.randint(1, 990):03d}"
    town = draw.choice(listed(_PLACES, "towns"))
    return Home(line=_street(draw), city=town, state=province, zip=code, country="ES")


def _street(draw: Random) -> str:
    kind, name = draw.choice(listed(_PLACES, "street_kinds")), draw.choice(listed(_PLACES, "streets"))
    flat = draw.choice(
        ("", "", f", {draw.randint(1, 8)}º {draw.choice('ABCD')}", f", {draw.randint(1, 6)}.º izda.")
    )
    return f"{kind} {name}{draw.choice((', ', ' ', ', n.º '))}{draw.randint(1, 180)}{flat}"


def spanish_chart(draw: Random, number: str, *, ages: tuple[int, int], female: bool) -> Chart:
    """A patient of an age between two, in years."""
    name = _name(draw, female=female)
    today = date(2020, 1, 1) + timedelta(days=draw.randrange(2200))
    relation = draw.choice(tuple(_RELATIONS))
    relative = _name(draw, female=_RELATIONS[relation])
    first = "".join(c for c in name.given.split()[0].lower() if c.isascii())
    return Chart(
        id=f"pt-{number}", name=name, maiden=None, female=female,
        birth=today - timedelta(days=draw.randint(*ages) * 365 + draw.randint(30, 300)), today=today,
        home=_home(draw), phone=_phone(draw), email=f"{first}.{draw.randint(100, 9999)}@correo-larch.es",
        identifiers={
            "MR": numbers.digits(draw, draw.choice((6, 7, 8))),
            "NI": draw.choice((numbers.dni, numbers.dni, numbers.nie))(draw),
            "MB": numbers.formed(draw, draw.choice(("AAAA9999999999", "AA99999999", "9999999999"))),
        },
        relation=relation, relative=relative, relative_phone=_phone(draw),
        practitioner=_name(draw, female=draw.random() < 0.5), hospital=draw.choice(listed(_PLACES, "hospitals")),
    )  # fmt: skip


class SpanishVoice:
    """Says the slots of one note about one patient."""

    clean = frozenset(
        {"age", "side", "sidef", "sexword", "Sex", "Title", "relation", "year", "country", "province"}
    )

    def __init__(self, draw: Random, chart: Chart) -> None:
        self._draw, self._chart, self._time = draw, chart, Timeline(draw, chart.today)
        self._staff = [_name(draw, female=draw.random() < 0.5) for _ in range(3)]
        self._kin = _name(draw, female=draw.random() < 0.5)
        self._form = draw.choice(dates.SPANISH)
        self.slots: Slots = {
            **self._people(),
            **self._words(),
            **self._days(),
            **self._places(),
            **self._numbers(),
        }

    def say(self, slot: str) -> Pieces:
        """The pieces for one mention of a slot; raises KeyError for a slot that there is not."""
        return self.slots[slot]()

    def _people(self) -> Slots:
        draw, chart = self._draw, self._chart

        def doctor(name: Name) -> Pieces:
            first = name.family.split()[0]
            return mentions.named(
                draw, draw.choice((name.text, name.text, first, f"{name.given.split()[0]} {first}"))
            )

        def turned() -> Pieces:
            return mentions.named(draw, f"{chart.name.family}, {chart.name.given}")

        return {
            "pt": lambda: mentions.named(draw, chart.name.text), "lastfirst": turned,
            "first": lambda: mentions.named(draw, chart.name.given),
            "last": lambda: mentions.named(draw, draw.choice((chart.name.family, chart.name.family.split()[0]))),
            "rel": lambda: mentions.named(draw, chart.relative.text),
            "relfirst": lambda: mentions.named(draw, chart.relative.given),
            "kin": lambda: mentions.named(draw, self._kin.text),
            "gp": lambda: doctor(chart.practitioner), "staff": lambda: doctor(draw.choice(self._staff)),
            "nurse": lambda: doctor(self._kin), "doclast": lambda: mentions.named(draw, draw.choice(self._staff).family.split()[0]),
        }  # fmt: skip

    def _words(self) -> Slots:
        draw, chart, female = self._draw, self._chart, self._chart.female
        side = draw.choice(("derecho", "izquierdo"))
        return {
            "side": lambda: plain(side),
            "sidef": lambda: plain(f"{side[:-1]}a"),
            "sexword": lambda: plain("mujer" if female else "varón"),
            "Sex": lambda: plain("Mujer" if female else "Varón"),
            "Title": lambda: plain("D.ª" if female else "D."),
            "relation": lambda: plain(chart.relation),
            "country": lambda: plain(draw.choice(_COUNTRIES)),
            "province": lambda: plain(chart.home.state),
            "age": lambda: [(str(chart.age), T.AGE if chart.age > 89 else None)],
            "oldage": lambda: [(str(draw.randint(90, 103)), T.AGE)],
            "year": lambda: plain(str(chart.today.year - draw.randint(1, 20))),
        }

    def _days(self) -> Slots:
        draw, time = self._draw, self._time

        def said(day: date) -> Pieces:
            forms = dates.SPANISH if draw.random() < 0.15 else (self._form,)
            return [(dates.written(draw, day, forms), T.DATE)]

        return {
            "today": lambda: said(time.today), "dis": lambda: said(time.today), "adm": lambda: said(time.admitted),
            "dob": lambda: said(self._chart.birth), "stay": lambda: said(time.within()),
            "past": lambda: said(time.before()), "past2": lambda: said(time.earlier), "future": lambda: said(time.after()),
            "pastday": lambda: [(dates.written(draw, time.before(), dates.SPANISH_SHORT[:2]), T.DATE)],
        }  # fmt: skip

    def _places(self) -> Slots:
        draw, home = self._draw, self._chart.home

        def listed_as(kind: T, section: str) -> Callable[[], Pieces]:
            return lambda: [(draw.choice(listed(_PLACES, section)), kind)]

        other = _home(draw)
        return {
            "hosp": lambda: [(self._chart.hospital, T.ORGANIZATION)], "otherhosp": listed_as(T.ORGANIZATION, "hospitals"),
            "practice": listed_as(T.ORGANIZATION, "practices"), "employer": listed_as(T.ORGANIZATION, "employers"),
            "town": lambda: [(home.city, T.LOCATION)], "town2": lambda: [(other.city, T.LOCATION)],
            "street": lambda: [(home.line, T.STREET)], "street2": lambda: [(other.line, T.STREET)],
            "zip": lambda: [(home.zip, T.ZIP)], "zip2": lambda: [(other.zip, T.ZIP)],
        }  # fmt: skip

    def _numbers(self) -> Slots:
        draw, chart = self._draw, self._chart

        def phone(number: str | None = None) -> Pieces:
            return [(_written(draw, number or _phone(draw)), T.PHONE)]

        def formed(kind: T, *forms: str) -> Callable[[], Pieces]:
            return lambda: [(numbers.formed(draw, draw.choice(forms)), kind)]

        values = chart.identifiers
        return {
            "phone": lambda: phone(chart.phone), "relphone": lambda: phone(chart.relative_phone), "phone2": phone,
            "email": lambda: [(chart.email, T.EMAIL)], "url": lambda: [("www.citas-larch.example/alta", T.URL)],
            "mrn": lambda: [(values["MR"], T.MRN)], "nid": lambda: [(values["NI"], T.NATIONAL_ID)],
            "member": lambda: [(values["MB"], T.HEALTH_PLAN)], "acc": formed(T.MRN, "AA999999", "9999999999"),
            "visitno": formed(T.MRN, "99999999"), "nass": formed(T.NATIONAL_ID, "99/99999999/99", "99 99999999 99"),
            "passport": formed(T.PASSPORT, "AAA999999"), "device": formed(T.DEVICE, "AAA999999A", "99999999"),
            "lic": formed(T.LICENSE, "9999999", "99/99/99999"),
        }  # fmt: skip
