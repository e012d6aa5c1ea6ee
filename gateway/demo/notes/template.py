"""Templates -> pieces: sentences from banks, slots by a voice, alternatives by chance.

    {slot}              what the voice says for it; or a sentence of the bank of that name, the same all note
    {n:60-90}           a whole number
    [a|b|c]             one of them
    <<bank 2-4 lines>>  so many sentences of a bank, each at most once in a note; parted as the last word says
    ~ line              a line of a layout for notes that identify nobody
Law: a note that shall identify nobody has no line, and no sentence, that could. Imports: lists, pieces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Protocol

from gateway.demo.notes.lists import Bank
from gateway.demo.notes.pieces import Pieces, joined, plain

_TOKEN = re.compile(
    r"<<(?P<bank>\w+)(?: (?P<least>\d+)-(?P<most>\d+))?(?: (?P<mode>\w+))?>>"
    r"|\{(?P<slot>\w+)(?::(?P<low>\d+)-(?P<high>\d+))?\}"
    r"|\[(?P<choice>[^\[\]]*\|[^\[\]]*)\]"
)
_FRESH = frozenset({"drug", "shortpmh", "query_pt"})  # banks of which each mention is another
_CLEAN_LINE = "~ "


class Voice(Protocol):
    """Says what a language's slots stand for."""

    clean: frozenset[str]  # slots that identify nobody

    def say(self, slot: str) -> Pieces:
        """The pieces for one slot, drawn anew for each mention."""
        ...


class Writer:
    """Writes one note from the given parts of the banks: it remembers which sentences are used up."""

    def __init__(
        self,
        draw: Random,
        voice: Voice,
        banks: Mapping[str, Mapping[str, Bank]],
        parts: Sequence[str],
        *,
        clean: bool,
        space: str,
    ) -> None:
        self._draw, self._voice, self._clean, self._space = draw, voice, clean, space
        names = {name for part in banks.values() for name in part}
        self._banks = {
            name: tuple(text for part in parts for text in banks.get(part, {}).get(name, ()))
            for name in names
        }
        self._used: set[str] = set()
        self._settled: dict[str, Pieces] = {}

    def note(self, layout: str) -> Pieces:
        """A whole note."""
        lines = []
        for line in layout.splitlines():
            extra = line.startswith(_CLEAN_LINE)
            if extra != self._clean and extra:
                continue
            if not self._clean or self._identifies_nobody(line):
                lines.append(self.expanded(line[2:] if extra else line))
        while lines and not "".join(text for text, _ in lines[0]).strip():
            lines.pop(0)
        return joined(lines, "\n")

    def expanded(self, template: str) -> Pieces:
        """A sentence or line with everything filled in."""
        made: Pieces = []
        at = 0
        for token in _TOKEN.finditer(template):
            made += plain(template[at : token.start()])
            made += self._token(token)
            at = token.end()
        return [*made, *plain(template[at:])]

    def _token(self, token: re.Match[str]) -> Pieces:
        if (choice := token["choice"]) is not None:
            return self.expanded(self._draw.choice(choice.split("|")))
        if (bank := token["bank"]) is not None:
            number = self._draw.randint(int(token["least"] or 1), int(token["most"] or 1))
            return self._sentences(bank, number, token["mode"] or "")
        if token["low"] is not None:
            return plain(str(self._draw.randint(int(token["low"]), int(token["high"]))))
        return self._slot(token["slot"])

    def _slot(self, slot: str) -> Pieces:
        if slot not in self._banks:
            return self._voice.say(slot)
        if slot in _FRESH:
            return self.expanded(self._draw.choice(self._usable(slot)))
        if slot not in self._settled:
            self._settled[slot] = self.expanded(self._draw.choice(self._usable(slot)))
        return self._settled[slot]

    def _sentences(self, bank: str, number: int, mode: str) -> Pieces:
        left = [text for text in self._usable(bank) if text not in self._used]
        chosen = self._draw.sample(left, min(number, len(left)))
        self._used.update(chosen)
        parts = [self.expanded(text.rstrip(".") if mode == "semi" else text) for text in chosen]
        if mode in ("bullets", "numbered"):
            mark = self._draw.choice("-*") if mode == "bullets" else ""
            parts = [[(f"{mark or f'{place}.'} ", None), *part] for place, part in enumerate(parts, start=1)]
        return joined(parts, {"": self._space, "semi": "; "}.get(mode, "\n"))

    def _usable(self, bank: str) -> list[str]:
        return [text for text in self._banks[bank] if not self._clean or self._identifies_nobody(text)]

    def _identifies_nobody(self, template: str) -> bool:
        """Whether every slot is harmless, and every bank has a sentence that is."""
        for token in _TOKEN.finditer(template):
            name = token["bank"] or token["slot"]
            if token["choice"] is not None:
                safe = self._identifies_nobody(token["choice"])
            elif name in self._banks:
                safe = bool(self._usable(name)) or not self._banks[name]
            else:
                safe = token["low"] is not None or name in self._voice.clean
            if not safe:
                return False
        return True
