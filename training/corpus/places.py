"""Places, streets and postal codes. A state or a country alone identifies nobody."""

from __future__ import annotations

from random import Random

from gateway.domain.deid import IdentifierType
from training.corpus.lists import words
from training.corpus.people import family_name, invented
from training.corpus.scene import Filler, Piece, Scene
from training.held_out import permitted

LOCATION, STREET, ZIP = IdentifierType.LOCATION, IdentifierType.STREET, IdentifierType.ZIP

_SUFFIXES = (
    "St",
    "Street",
    "St.",
    "Ave",
    "Avenue",
    "Ave.",
    "Road",
    "Rd",
    "Rd.",
    "Lane",
    "Ln",
    "Drive",
    "Dr",
    "Dr.",
    "Court",
    "Ct",
    "Blvd",
    "Boulevard",
    "Way",
    "Place",
    "Pl",
    "Circle",
    "Terrace",
    "Parkway",
    "Pkwy",
    "Trail",
    "Highway",
    "Close",
    "Crescent",
    "Loop",
    "Square",
    "Row",
    "Alley",
)
_UNITS = (
    " Apt {n}",
    ", Apt {n}",
    " #{n}",
    ", Unit {n}",
    " Apt {n}{l}",
    ", Suite {n}",
    " Ste {n}",
    ", Floor {n}",
    ", Flat {n}",
    " Lot {n}",
    ", Apartment {n}{l}",
    ", Room {n}",
)
_SIDES = ("N ", "S ", "E ", "W ", "North ", "South ", "East ", "West ", "NW ", "SE ", "N. ", "E. ")


def invented_town(rng: Random) -> str:
    """A small town that may stand on no map."""
    while True:
        stem = rng.choice(words("town_heads")) if rng.random() < 0.75 else invented(rng)
        draw = rng.random()
        if draw < 0.55:
            town = stem + rng.choice(words("town_tails"))
        elif draw < 0.8:
            town = f"{rng.choice(words('town_befores'))} {stem}"
        else:
            town = f"{stem} {rng.choice(words('town_afters'))}"
        if permitted(town):
            return town


def city(rng: Random) -> str:
    """A city or town: of the United States, of the world, or invented."""
    draw = rng.random()
    if draw < 0.45:
        return rng.choice(words("cities_us"))
    if draw < 0.65:
        return rng.choice(words("cities_world"))
    return invented_town(rng)


def county(rng: Random) -> str:
    """A county, parish or district with its kind."""
    stem = rng.choice(words("counties")) if rng.random() < 0.6 else invented_town(rng)
    return rng.choice(
        (
            f"{stem} County",
            f"{stem} County",
            f"{stem} Parish",
            f"{stem} Township",
            f"{stem} district",
            f"{stem} Borough",
        )
    )


def street_name(rng: Random) -> str:
    """A street's name without the house."""
    draw = rng.random()
    if draw < 0.12:
        number = rng.randint(1, 190)
        ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        stem = f"{number}{ending}"
    elif draw < 0.3:
        stem = family_name(rng)
    else:
        stem = rng.choice(words("street_stems"))
    side = rng.choice(_SIDES) if rng.random() < 0.18 else ""
    return f"{side}{stem} {rng.choice(_SUFFIXES)}"


def street(rng: Random) -> str:
    """A street address: house, street, perhaps a unit; a rural route or a box."""
    draw = rng.random()
    if draw < 0.03:
        return rng.choice(
            (
                "PO Box {n}",
                "P.O. Box {n}",
                "RR 2 Box {n}",
                "County Road {n}",
                "Rural Route 4, Box {n}",
                "P. O. Box {n}",
            )
        ).format(n=rng.randint(10, 9999))
    line = f"{rng.randint(1, 99 if draw < 0.2 else 9999)} {street_name(rng)}"
    if rng.random() < 0.22:
        line += rng.choice(_UNITS).format(n=rng.randint(1, 420), l=rng.choice("ABCDEFG"))
    return line


def zip_code(rng: Random) -> str:
    """A postal code: mostly ZIP, some ZIP+4, British and Canadian."""
    draw = rng.random()
    if draw < 0.08:
        return f"{rng.randint(501, 99950):05d}-{rng.randint(1, 9999):04d}"
    if draw < 0.12:
        return f"{rng.choice(('SW', 'M', 'LS', 'EH', 'B', 'NE', 'CF', 'N', 'BT'))}{rng.randint(1, 28)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJLN')}{rng.choice('ABDEFGHJLN')}"
    if draw < 0.15:
        return f"{rng.choice('KLMNTVH')}{rng.randint(1, 9)}{rng.choice('ABCEGHJ')} {rng.randint(1, 9)}{rng.choice('ABCEGHJ')}{rng.randint(1, 9)}"
    return f"{rng.randint(501, 99950):05d}"


def _address(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    joint = "\n" if form == "lines" else rng.choice((", ", ", ", ", ", " ", "; "))
    town = scene.value("city", city)
    pieces: list[Piece] = [(scene.plain(street(rng)), STREET), (joint, None), (town, LOCATION)]
    if rng.random() < 0.85:
        pieces.append(
            (
                rng.choice((", ", ", ", " "))
                + rng.choice(words(rng.choice(("state_codes", "state_codes", "states")))),
                None,
            )
        )
    if rng.random() < 0.8:
        pieces += [(rng.choice((" ", " ", ", ", "  ")), None), (zip_code(rng), ZIP)]
    return pieces


def _city_state(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    beside = rng.choice(words(rng.choice(("state_codes", "states", "countries"))))
    return [(scene.value("city", city), LOCATION), (f", {beside}", None)]


def located(scene: Scene, text: str) -> list[Piece]:
    """A place, its article apart."""
    article = "the " if text.startswith("the ") else ""
    return [*([(article, None)] if article else []), (scene.plain(text.removeprefix(article)), LOCATION)]


def _listed(name: str) -> Filler:
    return lambda scene, form: located(scene, scene.rng.choice(words(name)))


def _place(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    draw = rng.random()
    if draw < 0.4:
        text = city(rng)
    elif draw < 0.6:
        text = county(rng)
    elif draw < 0.8:
        text = rng.choice(words("neighbourhoods"))
    elif draw < 0.9:
        text = rng.choice(words("landmarks"))
    else:
        text = rng.choice(words("regions"))
    return located(scene, text)


def _kept(key: str) -> Filler:
    return lambda scene, form: [(scene.value(key, city), LOCATION)]


FILLERS: dict[str, Filler] = {
    "city": _kept("city"),
    "city2": _kept("city2"),
    "town": lambda scene, form: [(invented_town(scene.rng), LOCATION)],
    "county": lambda scene, form: [(scene.plain(county(scene.rng)), LOCATION)],
    "hood": _listed("neighbourhoods"),
    "landmark": _listed("landmarks"),
    "region": _listed("regions"),
    "place": _place,
    "citystate": _city_state,
    "address": _address,
    "street": lambda scene, form: [(scene.value("street", street), STREET)],
    "road": lambda scene, form: [(scene.plain(street_name(scene.rng)), STREET)],
    "zip": lambda scene, form: [(scene.value("zip", zip_code), ZIP)],
    "state": lambda scene, form: [(scene.rng.choice(words("states")), None)],
    "st": lambda scene, form: [(scene.rng.choice(words("state_codes")), None)],
    "country": lambda scene, form: [(scene.rng.choice(words("countries")), None)],
}
