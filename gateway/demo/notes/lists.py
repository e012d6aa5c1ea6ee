"""The word lists and templates as read from their files.

Law: what is in the files is all that notes are made of. Imports: the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Bank = tuple[str, ...]
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Culture:
    """Names that go together."""

    family: Bank
    female: Bank
    male: Bank


@cache
def sections(path: str) -> Mapping[str, str]:
    """A file's sections by their names, `[name]` on a line of its own; comments and empty lines go."""
    found: dict[str, str] = {}
    name = ""
    for line in _read(path).splitlines():
        if heading := re.fullmatch(r"\[([\w-]+)\]", line):
            name = heading[1]
            found[name] = ""
        elif line and not line.startswith("#"):
            found[name] = found.get(name, "") + line + "\n"
    return found


@cache
def cultures(path: str) -> tuple[Culture, ...]:
    """The cultures of a file of names. An underscore stands for a space inside a name."""
    return tuple(_culture(text) for text in sections(path).values())


def _culture(text: str) -> Culture:
    rows = dict(line.split(": ", 1) for line in text.splitlines())
    names = {kind: tuple(name.replace("_", " ") for name in row.split()) for kind, row in rows.items()}
    return Culture(family=names["family"], female=names["female"], male=names["male"])


@cache
def listed(path: str, section: str) -> Bank:
    """One list of a file of lists, whose entries are parted by commas."""
    entries = (entry.strip() for entry in sections(path)[section].replace("\n", " ").split(","))
    return tuple(entry for entry in entries if entry)


@cache
def table(path: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a file of columns, parted by spaces."""
    return tuple(
        tuple(line.split()) for line in _read(path).splitlines() if line and not line.startswith("#")
    )


@cache
def banks(language: str) -> Mapping[str, Mapping[str, Bank]]:
    """Sentences by illness (or `all`) and bank."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in _templates(language, layouts=False):
        part = ALL
        for line in _read(name).splitlines():
            if line.startswith("## "):
                part = line[3:]
            elif line and not line.startswith("#"):
                bank, text = line.split(": ", 1)
                found.setdefault(part, {}).setdefault(bank, []).append(text.replace("\\n", "\n"))
    return {part: {bank: tuple(texts) for bank, texts in rows.items()} for part, rows in found.items()}


@cache
def layouts(language: str) -> Mapping[str, Bank]:
    """Layouts of whole notes by kind."""
    found: dict[str, list[str]] = {}
    for name in _templates(language, layouts=True):
        for block in re.split(r"^=== ", _read(name), flags=re.MULTILINE)[1:]:
            kind, body = block.split("\n", 1)
            found.setdefault(kind, []).append(body.rstrip("\n"))
    return {kind: tuple(bodies) for kind, bodies in found.items()}


def template_texts(languages: tuple[str, ...] = ("en", "es", "zh")) -> Iterator[str]:
    """Every sentence and every line of a layout as written, slots and all."""
    for language in languages:
        for part in banks(language).values():
            for texts in part.values():
                yield from texts
        for bodies in layouts(language).values():
            for body in bodies:
                yield from body.splitlines()


@cache
def held_out_words() -> frozenset[str]:
    """Names, towns, streets, and what hospitals and employers are called, case folded.

    Whole entries and, of those with several words, the words that are not ordinary ones. A training set must
    hold none of them.
    """
    found: set[str] = set()
    for name in sorted(_names("words")):
        if name.startswith("names"):
            found |= {word for culture in cultures(f"words/{name}") for word in _of(culture)}
        elif name.startswith("places"):
            path = f"words/{name}"
            found |= {
                entry
                for section in sections(path)
                if "kinds" not in section
                for entry in listed(path, section)
            }
    folded = {entry.casefold() for entry in found}
    words = {word for entry in folded for word in re.split(r"[ ,]+", entry) if len(word) > 2}
    ordinary = {word for row in table("words/generic.txt") for word in row}
    return frozenset(folded | words - ordinary)


def _of(culture: Culture) -> Iterator[str]:
    yield from (*culture.family, *culture.female, *culture.male)


def _names(folder: str) -> list[str]:
    return [
        entry.name for entry in files(__package__).joinpath(folder).iterdir() if entry.name.endswith(".txt")
    ]


def _templates(language: str, *, layouts: bool) -> list[str]:
    folder = f"templates/{language}"
    return [f"{folder}/{name}" for name in sorted(_names(folder)) if name.startswith("layouts") == layouts]


def _read(path: str) -> str:
    return files(__package__).joinpath(path).read_text("utf-8")
