"""Numbers and codes that point at one person, and the forms that they come in."""

from __future__ import annotations

from pathlib import Path
from random import Random

from gateway.domain.deid import IdentifierType
from training.corpus.lists import words
from training.corpus.people import person
from training.corpus.scene import Filler, Piece, Scene

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def shaped(shape: str, rng: Random) -> str:
    """A shape with digits for `#` (never 0 for the first) and capitals for `@`."""
    filled: list[str] = []
    for mark in shape:
        if mark == "#":
            filled.append(rng.choice("0123456789" if filled else "123456789"))
        else:
            filled.append(rng.choice(_LETTERS) if mark == "@" else mark)
    return "".join(filled)


def _shapes() -> dict[str, tuple[str, ...]]:
    lines = Path(__file__).with_name("shapes.txt").read_text("utf-8").splitlines()
    rows = (line.split(" = ") for line in lines if not line.startswith("# "))
    return {name: tuple(shapes.split(" | ")) for name, shapes in rows}


_SHAPES = _shapes()

_KINDS = {
    "phone": IdentifierType.PHONE,
    "mrn": IdentifierType.MRN,
    "plan": IdentifierType.HEALTH_PLAN,
    "ssn": IdentifierType.SSN,
    "account": IdentifierType.ACCOUNT,
    "license": IdentifierType.LICENSE,
    "device": IdentifierType.DEVICE,
    "vin": IdentifierType.VEHICLE,
    "plate": IdentifierType.VEHICLE,
    "id": IdentifierType.ID,
    "accession": IdentifierType.MRN,
    "npi": IdentifierType.LICENSE,
    "dea": IdentifierType.LICENSE,
}
_KEPT = frozenset({"mrn", "plan", "ssn"})


def _filler(name: str, kind: IdentifierType) -> Filler:
    def make(rng: Random) -> str:
        return shaped(rng.choice(_SHAPES[name]), rng)

    def fill(scene: Scene, form: str) -> list[Piece]:
        return [(scene.value(name, make) if name in _KEPT else make(scene.rng), kind)]

    return fill


_SPOKEN = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _spoken(scene: Scene, form: str) -> list[Piece]:
    """A telephone number as it is dictated."""
    groups = [" ".join(_SPOKEN[int(digit)] for digit in shaped("#" * size, scene.rng)) for size in (3, 3, 4)]
    return [(scene.rng.choice((" ", ", ", " - ")).join(groups), IdentifierType.PHONE)]


def _fax(scene: Scene, form: str) -> list[Piece]:
    return [(shaped(scene.rng.choice(_SHAPES["fax"]), scene.rng), IdentifierType.FAX)]


def _ascii(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isascii() and letter.isalnum())


def _email(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    who = scene.person(form or "patient", person)
    given, family = _ascii(who.given) or "info", _ascii(who.family) or "desk"
    local = rng.choice(
        (
            f"{given}.{family}",
            f"{given}{family}",
            f"{given[0]}{family}",
            f"{family}{rng.randint(1, 99)}",
            f"{given}_{family}",
            f"{given}{rng.randint(50, 2010)}",
        )
    )
    return [(f"{local}@{_domain(rng)}", IdentifierType.EMAIL)]


def _domain(rng: Random) -> str:
    stem = _ascii(rng.choice(words("brand_heads")) + rng.choice(words("brand_tails")))
    return rng.choice(
        (
            "gmail.com",
            "yahoo.com",
            "hotmail.com",
            "outlook.com",
            f"{stem}.org",
            f"{stem}.com",
            f"{stem}.edu",
            f"{stem}.net",
            f"mail.{stem}.org",
            "example.com",
            f"{stem}.co.uk",
        )
    )


def _url(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    who = scene.person("patient", person)
    path = rng.choice(
        (
            "",
            "/portal",
            f"/patients/{rng.randint(1000, 999999)}",
            f"/{_ascii(who.family)}",
            "/mychart/login",
            f"/p/{rng.randint(10, 99)}a{rng.randint(1, 9)}",
        )
    )
    return [
        (
            rng.choice(("https://", "http://", "www.", "https://www.", ""))
            + _domain(rng)
            + (path or "/home"),
            IdentifierType.URL,
        )
    ]


FILLERS: dict[str, Filler] = {
    **{name: _filler(name, kind) for name, kind in _KINDS.items()},
    "fax": _fax,
    "phone_spoken": _spoken,
    "email": _email,
    "url": _url,
}
