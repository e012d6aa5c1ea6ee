"""The templates' files: a template a line, long ones between lines of `%%`; pools of sentences and parts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from training.corpus import clinical, numbers, organisations, people, places, times
from training.corpus.grammar import Pool, Template, parsed, slots_of
from training.corpus.scene import Filler

_FOLDER = Path(__file__).parent / "templates"

FILLERS: dict[str, Filler] = {
    **people.FILLERS, **times.FILLERS, **places.FILLERS, **organisations.FILLERS, **numbers.FILLERS, **clinical.FILLERS,
}  # fmt: skip

SHELVES = ("short", "composed", "long")
"""Folders of templates: `composed` are questions of which every part is drawn from a pool."""

IDENTIFYING = frozenset(
    {"patient", "doctor", "doctor2", "author", "nurse", "rel", "rel2", "other", "date", "day", "dob", "soon"}
    | {
        "city",
        "city2",
        "town",
        "county",
        "hood",
        "landmark",
        "region",
        "place",
        "citystate",
        "address",
        "street",
        "road",
        "zip",
    }
    | set(organisations.FILLERS)
    | set(numbers.FILLERS)
)
"""Slots that give an identifier."""


def _lines(path: Path) -> list[str]:
    return [
        line for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")
    ]


def _blocks(path: Path) -> list[str]:
    return [block.strip("\n") for block in path.read_text("utf-8").split("\n%%\n") if block.strip()]


def _texts(folder: str) -> list[str]:
    read = _blocks if folder == "long" else _lines
    return [text for path in sorted((_FOLDER / folder).glob("*.txt")) for text in read(path)]


@cache
def pools() -> dict[str, tuple[Template, ...]]:
    """The pools by name."""
    return {path.stem: tuple(map(parsed, _lines(path))) for path in sorted((_FOLDER / "pools").glob("*.txt"))}


@cache
def template_texts() -> tuple[str, ...]:
    """All templates as written, the lines of pools too."""
    return tuple(text for folder in (*SHELVES, "pools") for text in _texts(folder))


def identifies(template: Template) -> bool:
    """Whether a template can give an identifier, by itself or through its pools."""
    return any(
        any(map(identifies, pools()[slot.name])) if isinstance(slot, Pool) else slot.name in IDENTIFYING
        for slot in slots_of(template)
    )


@cache
def shelves() -> dict[tuple[str, bool], tuple[Template, ...]]:
    """Templates by (folder, whether they identify)."""
    found: dict[tuple[str, bool], list[Template]] = {}
    for folder in SHELVES:
        for template in map(parsed, _texts(folder)):
            found.setdefault((folder, identifies(template)), []).append(template)
    return {shelf: tuple(templates) for shelf, templates in found.items()}
