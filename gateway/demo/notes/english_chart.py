"""Patients of English-speaking hospitals, and who is met there: names of many cultures, addresses, numbers.

Law: whoever is drawn is nobody: names are joined at random. Imports: chart, lists, numbers.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from gateway.demo.notes import numbers
from gateway.demo.notes.chart import Chart, Home, Name
from gateway.demo.notes.lists import Culture, cultures, listed, table

NAMES, PLACES, STATES = "words/names.txt", "words/places.txt", "words/states.txt"
WEB = (
    "mailvalley.com",
    "postwren.net",
    "inbox-larch.net",
    "quickpost.org",
    "tidemail.com",
    "webhawk.net",
)
_RELATIONS = {
    "daughter": True, "son": False, "sister": True, "brother": False, "niece": True, "nephew": False,
    "mother": True, "father": False, "cousin": True, "aunt": True, "uncle": False, "partner": True,
}  # fmt: skip


def english_name(draw: Random, culture: Culture, *, female: bool) -> Name:
    """A name of the culture; every sixth has a given name of another, and four in ten have a middle name."""
    of = draw.choice(cultures(NAMES)) if draw.random() < 0.16 else culture
    given, middle = draw.sample(of.female if female else of.male, 2)
    return Name(given=given, family=draw.choice(culture.family), middle=middle if draw.random() < 0.4 else "")


def english_chart(draw: Random, number: str, *, ages: tuple[int, int], female: bool) -> Chart:
    """A patient of an age between two, in years."""
    culture = draw.choice(cultures(NAMES))
    name = english_name(draw, culture, female=female)
    today = date(2020, 1, 1) + timedelta(days=draw.randrange(2200))
    birth = today - timedelta(days=draw.randint(*ages) * 365 + draw.randint(30, 300))
    lives, area = home(draw)
    relation = draw.choice(("mother", "father", "aunt") if ages[1] < 18 else tuple(_RELATIONS))
    relative = Name(
        given=english_name(draw, culture, female=_RELATIONS[relation]).given,
        family=name.family if draw.random() < 0.6 else draw.choice(culture.family),
    )
    maiden = None
    if female and ages[0] > 17 and draw.random() < 0.35:
        maiden = Name(given=name.given, family=draw.choice(draw.choice(cultures(NAMES)).family))
    values = {
        "MR": numbers.formed(draw, draw.choice(("9999999", "99999999", "A9999999", "999999", "99-99-99"))),
        "SS": numbers.ssn(draw),
        "MB": numbers.formed(
            draw, draw.choice(("AAA999999999", "9A99-AA9-AA99", "A99999999", "9999999999", "AA9999999"))
        ),
        "AN": numbers.formed(draw, draw.choice(("999999999", "A99999999", "99999999-9"))),
        "DL": numbers.formed(draw, draw.choice(("A9999999", "99999999", "AA999999", "A999-9999-9999"))),
    }
    return Chart(
        id=f"pt-{number}", name=name, maiden=maiden, female=female, birth=birth, today=today, home=lives,
        phone=numbers.us_phone(draw, area), email=email(draw, name), identifiers=values, relation=relation,
        relative=relative, relative_phone=numbers.us_phone(draw, area),
        practitioner=english_name(draw, draw.choice(cultures(NAMES)), female=draw.random() < 0.5),
        hospital=draw.choice(listed(PLACES, "hospitals")),
    )  # fmt: skip


def home(draw: Random) -> tuple[Home, str]:
    """An address and the area code of its telephones."""
    _, letters, zip3, area = draw.choice(table(STATES))
    code = zip3 + f"{draw.randint(1, 99):02d}"
    town = draw.choice(listed(PLACES, "towns"))
    return Home(line=street(draw), city=town, state=letters, zip=code, country="US"), area


def street(draw: Random) -> str:
    """A street line, now and then with a flat."""
    kind, name = draw.choice(listed(PLACES, "street_kinds")), draw.choice(listed(PLACES, "streets"))
    unit = draw.choices(
        ("", f" Apt {draw.randint(1, 40)}", f", Unit {draw.randint(1, 9)}B", f" #{draw.randint(2, 99)}"),
        (76, 10, 7, 7),
    )
    return (
        f"{draw.randint(2, 9800)} {draw.choices(('', 'N ', 'West '), (80, 12, 8))[0]}{name} {kind}{unit[0]}"
    )


def email(draw: Random, name: Name) -> str:
    """An address made of the name."""
    given, family = (
        "".join(c for c in part.lower() if c.isascii() and c.isalpha()) or "x"
        for part in (name.given, name.family)
    )
    local = draw.choice(
        (
            f"{given}.{family}",
            f"{given[0]}{family}{draw.randint(1, 99)}",
            f"{family}_{given}",
            f"{given}{draw.randint(40, 2005)}",
        )
    )
    return f"{local}@{draw.choice(WEB)}"
