"""Word lists: one file each, entries on lines of their own or with commas between; `#` begins a remark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from training.held_out import allowed

_FOLDER = Path(__file__).parent / "lists"


@cache
def words(name: str) -> tuple[str, ...]:
    """A list's entries in the file's order, without those that the held-out notes use."""
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    entries = [
        entry.strip()
        for line in lines
        if not line.startswith("#")
        for entry in line.split(",")
        if entry.strip()
    ]
    return allowed(dict.fromkeys(entries))


@cache
def list_names() -> tuple[str, ...]:
    """The names of all lists."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))
