"""The collector of everything that is wrong with a set of policy files, and the wording of suggestions.

Law: every fault is kept, positioned, and reported together with all others, in the order of the files.
May import: errors, yamlio.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from gateway.errors import PolicyInvalid, Violation
from gateway.yamlio import Document, Path

MOST_LISTED = 12


class Faults:
    """Collects violations; `raise_any` ends the reading if there is one."""

    def __init__(self) -> None:
        self._found: set[Violation] = set()

    def add(self, violations: Iterable[Violation]) -> None:
        self._found.update(violations)

    def at(self, document: Document, path: Path, description: str, suggestion: str = "") -> None:
        """A fault of the value at a path."""
        self._place(document, document.position(path), description, suggestion)

    def at_key(self, document: Document, path: Path, description: str, suggestion: str = "") -> None:
        """A fault of the key at a path: the field itself is wrong, not what it holds."""
        self._place(document, document.key_position(path), description, suggestion)

    def in_text(
        self, document: Document, path: Path, place: tuple[int, int], description: str, suggestion: str = ""
    ) -> None:
        """A fault at a line and column (from 1) inside the text at a path."""
        self._place(document, document.position_in_text(path, *place), description, suggestion)

    @property
    def found(self) -> tuple[Violation, ...]:
        """Every fault, by file, line and column."""
        return tuple(sorted(self._found, key=lambda v: (v.file, v.line, v.column, v.description)))

    def raise_any(self) -> None:
        """Raise `PolicyInvalid` with every fault, if there is one."""
        if self._found:
            raise PolicyInvalid(violations=self.found)

    def _place(self, document: Document, place: tuple[int, int], description: str, suggestion: str) -> None:
        line, column = place
        self._found.add(
            Violation(
                file=document.file, line=line, column=column, description=description, suggestion=suggestion
            )
        )


def closest(word: str, options: Iterable[str], *, listing: bool = True) -> str:
    """The option that was probably meant, as a question; or, if allowed, the list of options."""
    choices = sorted(set(options))
    near = get_close_matches(word, choices, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    if not listing or not choices:
        return ""
    more = ", ..." if len(choices) > MOST_LISTED else ""
    return f"known: {', '.join(choices[:MOST_LISTED])}{more}"
