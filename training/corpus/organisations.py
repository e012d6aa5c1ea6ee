"""Hospitals, clinics, pharmacies, nursing homes, employers, schools and insurers, composed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from gateway.domain.deid import IdentifierType
from training.corpus.grammar import Choice, Pool, Template, parsed
from training.corpus.lists import list_names, words
from training.corpus.people import family_name
from training.corpus.places import city, county, invented_town
from training.corpus.scene import Filler, Piece, Scene
from training.held_out import permitted

ORGANIZATION = IdentifierType.ORGANIZATION
_KNOWN_SHARE = 0.15  # of institutions that exist and that everybody names; the rest are composed

_PARTS: dict[str, Callable[[Random], str]] = {
    "city": city,
    "town": invented_town,
    "county": county,
    "family": family_name,
    "saint": lambda rng: rng.choice(words("saints")),
    "virtue": lambda rng: rng.choice(words("virtues")),
    "nature": lambda rng: rng.choice(words("street_stems")),
    "state": lambda rng: rng.choice(words("states")),
    "brand": lambda rng: rng.choice(words("brand_heads")) + rng.choice(words("brand_tails")),
    "place": lambda rng: rng.choice(words("neighbourhoods")).removeprefix("the "),
    "region": lambda rng: rng.choice(words("regions")).removeprefix("the "),
    "specialty": lambda rng: rng.choice(words("practice_kinds")),
    "trade": lambda rng: rng.choice(words("trades")),
    "side": lambda rng: rng.choice(
        ("North", "South", "East", "West", "Central", "Northeast", "Southwest", "Upper", "Greater", "Mid")
    ),
    "number": lambda rng: str(rng.randint(1, 199)),
    "letters": lambda rng: "".join(rng.choice("ABCDEFGHJKLMNPRSTUVW") for _ in range(rng.choice((3, 3, 4)))),
}


def _patterns(name: str) -> tuple[Template, ...]:
    return tuple(parsed(line) for line in words(name))


def _written(template: Template, rng: Random) -> str:
    parts: list[str] = []
    for node in template:
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Choice):
            parts.append(_written(rng.choice(node.options), rng))
        elif not isinstance(node, Pool):
            parts.append(_PARTS[node.name](rng))
    return "".join(parts)


def _maker(name: str) -> Callable[[Random], str]:
    templates = _patterns(f"patterns_{name}")
    known = words(f"real_{name}") if f"real_{name}" in list_names() else ()

    def make(rng: Random) -> str:
        if known and rng.random() < _KNOWN_SHARE:
            return rng.choice(known)
        while True:
            text = _written(rng.choice(templates), rng)
            if permitted(text):
                return text

    return make


KINDS = (
    "hospital",
    "clinic",
    "practice",
    "pharmacy",
    "home",
    "employer",
    "school",
    "insurer",
    "laboratory",
    "agency",
)
_MAKERS = {kind: _maker(kind) for kind in (*KINDS, "hospital_short")}


def _filler(key: str, kind: str) -> Filler:
    def fill(scene: Scene, form: str) -> list[Piece]:
        if form == "short":
            return [(scene.value(f"{key}_short", _MAKERS["hospital_short"]), ORGANIZATION)]
        return [(scene.value(key, _MAKERS[kind]), ORGANIZATION)]

    return fill


def _any(scene: Scene, form: str) -> list[Piece]:
    kind = scene.rng.choice(("hospital", "hospital", "hospital", *KINDS))
    return [(scene.value(kind, _MAKERS[kind]), ORGANIZATION)]


FILLERS: dict[str, Filler] = {
    **{kind: _filler(kind, kind) for kind in KINDS},
    "hospital2": _filler("hospital2", "hospital"),
    "org": _any,
}
