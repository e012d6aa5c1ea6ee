"""Names of people, in the forms that notes give them. Titles and letters after a name are no part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from gateway.domain.deid import IdentifierType
from training.corpus.lists import words
from training.corpus.scene import Filler, Person, Piece, Scene
from training.held_out import permitted

NAME = IdentifierType.NAME

_PREFIXES = ("O'", "Mc", "Mac", "D'", "De", "La", "Al-", "El-", "Fitz", "St. ", "Ben-", "Abu-")
_TITLES = ("Mr.", "Mr.", "Mr", "Mr", "Ms.", "Mrs.", "Ms", "Mrs", "Miss")
_DOCTOR_TITLES = ("Dr.", "Dr", "Dr.", "Doctor", "Prof.", "Dr.")
_CREDENTIALS = (
    ", MD",
    " MD",
    ", M.D.",
    ", DO",
    ", RN",
    " RN",
    ", NP",
    ", PA-C",
    ", PharmD",
    ", LCSW",
    ", PT, DPT",
    ", FRCS",
    ", MBBS",
    ", PhD",
    ", CNM",
    ", RD",
    ", DDS",
    ", FNP-BC",
    " (MD)",
)


def invented(rng: Random) -> str:
    """A surname that no list has, of syllables."""
    while True:
        inner = "".join(rng.choice(words("syllables_inner")) for _ in range(rng.choice((0, 0, 1, 1, 2))))
        name = rng.choice(words("syllables_first")) + inner + rng.choice(words("syllables_last"))
        if permitted(name):
            return name


def family_name(rng: Random) -> str:
    """A family name: listed, invented, double, or with a particle or prefix."""
    draw = rng.random()
    listed = rng.choice(words("family" if draw > 0.4 else "family_common")) if draw > 0.22 else invented(rng)
    if draw > 0.95:
        return f"{listed}{rng.choice('- -')}{rng.choice(words('family'))}"
    if draw > 0.93:
        return f"{rng.choice(words('particles'))} {listed}"
    if draw > 0.91:
        return f"{rng.choice(_PREFIXES)}{listed}"
    if draw > 0.89:
        return rng.choice(words("word_names"))
    return listed


def given_name(rng: Random) -> str:
    """A given name: listed, double, or invented."""
    draw = rng.random()
    if draw < 0.07:
        return invented(rng)
    if draw < 0.08:
        return f"{rng.choice(words('given'))}{rng.choice('- ')}{rng.choice(words('given'))}"
    if draw < 0.1:
        return rng.choice(words("word_given"))
    return rng.choice(words("given" if draw > 0.35 else "given_common"))


def person(rng: Random) -> Person:
    """Somebody."""
    return Person(
        given=given_name(rng),
        middle=rng.choice(words("given")),
        family=family_name(rng),
        female=rng.random() < 0.5,
    )


class _Form(NamedTuple):
    """A way to write a name, and how often `any` chooses it."""

    weight: int
    write: Callable[[Person, Random], Iterator[Piece]]


def _titled(
    titles: tuple[str, ...], write: Callable[[Person], str]
) -> Callable[[Person, Random], Iterator[Piece]]:
    def pieces(who: Person, rng: Random) -> Iterator[Piece]:
        fitting = (titles[4:] if who.female else titles[:4]) if titles is _TITLES else titles
        yield rng.choice(fitting) + " ", None
        yield write(who), NAME

    return pieces


def _named(write: Callable[[Person], str]) -> Callable[[Person, Random], Iterator[Piece]]:
    def pieces(who: Person, rng: Random) -> Iterator[Piece]:
        yield write(who), NAME

    return pieces


def _credentialed(who: Person, rng: Random) -> Iterator[Piece]:
    yield rng.choice((_full, _with_initial, _initial_last))(who), NAME
    yield rng.choice(_CREDENTIALS), None


def _full(who: Person) -> str:
    return f"{who.given} {who.family}"


def _with_initial(who: Person) -> str:
    return f"{who.given} {who.middle[0]}. {who.family}"


def _initial_last(who: Person) -> str:
    return f"{who.given[0]}. {who.family}"


def _titled_tight(who: Person, rng: Random) -> Iterator[Piece]:
    yield rng.choice(("Dr.", "Dr.", "Mr.", "Mrs.", "Ms.")), None
    yield who.family, NAME


def _suffixed(who: Person, rng: Random) -> Iterator[Piece]:
    yield f"{_full(who)}{rng.choice((' Jr.', ', Jr.', ' Jr', ' Sr.', ' III', ' II', ' IV'))}", NAME


def _nicknamed(who: Person, rng: Random) -> Iterator[Piece]:
    short = rng.choice(words("given_common"))
    yield rng.choice((f'{who.given} "{short}" {who.family}', f"{who.given} ({short}) {who.family}")), NAME


_FORMS: dict[str, _Form] = {
    "full": _Form(40, _named(_full)),
    "mid": _Form(8, _named(_with_initial)),
    "long": _Form(4, _named(lambda who: f"{who.given} {who.middle} {who.family}")),
    "lf": _Form(5, _named(lambda who: f"{who.family}, {who.given}")),
    "lfm": _Form(3, _named(lambda who: f"{who.family}, {who.given} {who.middle[0]}")),
    "ulf": _Form(3, _named(lambda who: f"{who.family.upper()}, {who.given}")),
    "upper": _Form(2, _named(lambda who: f"{who.family}, {who.given}".upper())),
    "ini": _Form(4, _named(_initial_last)),
    "last": _Form(3, _named(lambda who: who.family)),
    "first": _Form(3, _named(lambda who: who.given)),
    "lastini": _Form(1, _named(lambda who: f"{who.family} {who.given[0]}")),
    "firstini": _Form(1, _named(lambda who: f"{who.given} {who.family[0]}.")),
    "fupper": _Form(1, _named(lambda who: f"{who.given} {who.family.upper()}")),
    "jini": _Form(1, _named(lambda who: f"{who.given[0]} {who.family}")),
    "dini": _Form(1, _named(lambda who: f"{who.given[0]}.{who.middle[0]}. {who.family}")),
    "suffix": _Form(1, _suffixed),
    "nick": _Form(1, _nicknamed),
    "initials": _Form(0, _named(lambda who: f"{who.given[0]}.{who.family[0]}.")),
    "inits": _Form(0, _named(lambda who: who.given[0] + who.middle[0] + who.family[0])),
    "spelled": _Form(
        0, _named(lambda who: "-".join(who.family.upper().replace(" ", "").replace("-", "").replace("'", "")))
    ),
    "lfull": _Form(0, _named(lambda who: f"{who.family} {who.given}")),
    "title": _Form(15, _titled(_TITLES, lambda who: who.family)),
    "titlefull": _Form(5, _titled(_TITLES, _full)),
    "dr": _Form(0, _titled(_DOCTOR_TITLES, lambda who: who.family)),
    "drfull": _Form(0, _titled(_DOCTOR_TITLES, _full)),
    "cred": _Form(0, _credentialed),
    "rank": _Form(0, _titled(words("ranks"), lambda who: who.family)),
    "tight": _Form(0, _titled_tight),
    "nurse": _Form(0, _titled(("Nurse", "RN", "Sister", "NP", "PA"), lambda who: who.family)),
}
_ANY = tuple(name for name, form in _FORMS.items() for _ in range(form.weight))
_ANY_STAFF = ("dr",) * 9 + ("drfull",) * 5 + ("cred",) * 5 + ("full",) * 2 + ("ini", "last", "lf")
_ROLES = ("patient", "doctor", "doctor2", "author", "nurse", "rel", "rel2", "other")


def _filler(role: str) -> Filler:
    any_forms = _ANY_STAFF if role in ("doctor", "doctor2", "author") else _ANY

    def fill(scene: Scene, form: str) -> list[Piece]:
        who = scene.person(role, person)
        chosen = _FORMS[form or scene.rng.choice(any_forms)]
        return [(scene.plain(text), kind) for text, kind in chosen.write(who, scene.rng)]

    return fill


def _pronoun(female: str, male: str) -> Filler:
    def fill(scene: Scene, form: str) -> list[Piece]:
        return [(female if scene.person("patient", person).female else male, None)]

    return fill


def _relative(scene: Scene, form: str) -> list[Piece]:
    return [(scene.value(f"relative{form}", lambda rng: rng.choice(words("relatives"))), None)]


FILLERS: dict[str, Filler] = {
    **{role: _filler(role) for role in _ROLES},
    "relative": _relative,
    "he": _pronoun("she", "he"),
    "He": _pronoun("She", "He"),
    "his": _pronoun("her", "his"),
    "His": _pronoun("Her", "His"),
    "him": _pronoun("her", "him"),
    "man": _pronoun("woman", "man"),
    "gentleman": _pronoun("lady", "gentleman"),
    "male": _pronoun("female", "male"),
    "M": _pronoun("F", "M"),
    "Mr": _pronoun("Ms.", "Mr."),
}
FORMS = tuple(_FORMS)
