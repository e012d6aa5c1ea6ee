"""A site whose notes can leave: real policies, journal, engines and flows, and a plain fake de-identifier."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.adapters.clock import SystemTicker
from gateway.adapters.page_seal import PageSeal
from gateway.domain.deid import Deidentified, Document, IdentifierType, Outcome, Profile, Span, Withheld
from gateway.domain.entry import EntryKind
from gateway.errors import DeidentifierUnavailable
from gateway.flows.deidentify import Answered, OwnText, deidentify_text
from gateway.flows.disclose import Batch, stream_notes
from gateway.flows.pace import Pace
from gateway.flows.prepare_notes import NotesRequest
from gateway.flows.site import Disclosing
from gateway.ports import Engine
from tests.flows.kit import LONGEST, NAME, House, who
from tests.flows.notes_kit import memory
from tests.unit.policy.note_sets import FILES, SITE

HOUSE_FILES = {path: text.replace(SITE, NAME) for path, text in FILES.items()}
FAR = 1e12  # a moment that never comes


@dataclass
class FakeDeidentifier:
    """Finds the names of the record and the word after `Dear`; obeys words in the text."""

    asked: list[Document] = field(default_factory=list)
    profiles: set[str] = field(default_factory=set)
    down: bool = False
    short: bool = False
    raising: Exception | None = None

    async def deidentify(self, documents: Sequence[Document], profile: Profile) -> list[Outcome]:
        if self.down:
            raise DeidentifierUnavailable("no process")
        if self.raising is not None:
            raise self.raising
        self.asked += documents
        self.profiles.add(profile.name)
        await asyncio.sleep(0)
        found = [self._outcome(document) for document in documents]
        return found[:-1] if self.short else found

    def _outcome(self, document: Document) -> Outcome:
        if "WITHHOLD" in document.text:
            return Withheld(id=document.id, reason="DETECTOR_FAILED")
        names = [word for name in (document.record.names if document.record else ()) for word in name.given]
        pattern = "|".join(map(re.escape, [*names, "colleague"]))
        spans = [
            Span(start=m.start(), end=m.end(), type=IdentifierType.NAME, score=1.0, source="record")
            for m in re.finditer(pattern, document.text)
        ]
        end = len(document.text) + 1 if "BEYOND" in document.text else len(document.text)
        if "BEYOND" in document.text:
            spans.append(Span(start=0, end=end, type=IdentifierType.ID, score=1.0, source="model"))
        context = {
            name: value if kind is None else f"[{kind}]" for name, (kind, value) in document.context.items()
        }
        return Deidentified(
            id="another" if "ANOTHER" in document.text else document.id,
            text=re.sub(pattern, "[NAME]", document.text) + ("\ud800" if "HALF" in document.text else ""),
            spans=tuple(spans),
            language=document.language or "en",
            context=context | ({"secret": "x"} if "MORE" in document.text else {}),
        )

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True, kw_only=True)
class NotesHouse:
    """A house whose site de-identifies."""

    house: House
    fake: FakeDeidentifier

    @classmethod
    async def open(
        cls, folder: Path, engine: Engine | None = None, files: Mapping[str, str] = HOUSE_FILES
    ) -> NotesHouse:
        house = await House.open(folder, memory() if engine is None else engine, files)
        fake = FakeDeidentifier()
        house.site.disclosing = Disclosing(
            deidentifier=fake, seal=PageSeal(b"k" * 32), pace=Pace(ticker=SystemTicker())
        )
        return cls(house=house, fake=fake)

    async def stream(
        self,
        request: NotesRequest | None = None,
        *,
        party: str = "university",
        most: int = 1000,
        until: float = FAR,
        **given: Any,
    ) -> list[Batch]:
        """Batches of one call, at most so many; then the caller hangs up."""
        asked = request or NotesRequest(**{"agreement": "notes", "dataset": "notes", **given})
        found: list[Batch] = []
        async with asyncio.timeout(LONGEST):
            stream = stream_notes(self.house.site, who(party), asked, until=until)
            async with aclosing(stream) as batches:
                async for batch in batches:
                    found.append(batch)
                    if len(found) == most:
                        break
        return found

    async def own(self, *texts: OwnText, party: str = "university") -> Answered:
        async with asyncio.timeout(LONGEST):
            return await deidentify_text(self.house.site, who(party), "notes", texts)

    @property
    def disclosures(self) -> list[dict[str, object]]:
        """The bodies of the entries of disclosures."""
        return [dict(e.body) for e in self.house.entries() if e.kind is EntryKind.DISCLOSED]


def ids(batches: Sequence[Batch]) -> list[str]:
    """Every note that was sent or withheld, in order."""
    pairs = [([note.id for note in batch.notes], [one.id for one in batch.withheld]) for batch in batches]
    return [name for sent, withheld in pairs for name in (*sent, *withheld)]
