"""What identifies the patients: addresses, telephones, numbers, relatives, their practitioners.

Law: no table but the notes' text holds any of it, as in a hospital's export no clinical table does; it comes
from a stream of chance of its own, so that it changes no row. Imports: people, demo.notes (its lists and
numbers), the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gateway.demo.hospital.people import Person
from gateway.demo.notes import numbers
from gateway.demo.notes.chart import Name
from gateway.demo.notes.english_chart import NAMES, PLACES, english_name, home
from gateway.demo.notes.lists import cultures, listed

HOSPITAL = "Ludbrook Memorial Hospital"
RELATIONS = {"sister": True, "brother": False, "mother": True, "father": False, "cousin": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One patient's. Telephones have ten digits, the social security number nine."""

    record_number: str
    social_security: str
    member: str
    phone: str
    email: str
    street: str
    city: str
    zip: str
    relation: str
    relative: Name
    relative_phone: str
    practitioner: Name
    practice: str


def identity(seed: int, number: int, who: Person) -> Identity:
    """The identity of the patient with this number."""
    draw = Random(f"{seed}/{number}/identity")  # noqa: S311 - a repeatable world; nothing is secret
    lives, area = home(draw)
    relation = draw.choice(tuple(RELATIONS))
    culture = draw.choice(cultures(NAMES))
    return Identity(
        record_number=f"MRN-{who.id[1:]}",
        social_security=numbers.ssn(draw),
        member=numbers.formed(draw, "AAA999999999"),
        phone=numbers.us_phone(draw, area),
        email=f"{who.given}.{who.family}{draw.randint(1, 99)}@postwren.example".lower(),
        street=lives.line,
        city=lives.city,
        zip=lives.zip,
        relation=relation,
        relative=Name(given=english_name(draw, culture, female=RELATIONS[relation]).given, family=who.family),
        relative_phone=numbers.us_phone(draw, area),
        practitioner=english_name(draw, draw.choice(cultures(NAMES)), female=draw.random() < 0.5),
        practice=draw.choice(listed(PLACES, "practices")),
    )
