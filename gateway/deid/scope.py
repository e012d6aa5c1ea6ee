"""What a document's transforms share: keys, the patient's record, how dates are meant, who became whom.

May import: domain words, deid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from gateway.deid.choices import Choices
from gateway.deid.dates import Reading, reading_of
from gateway.deid.draws import Draws
from gateway.deid.keys import SubjectKeys
from gateway.deid.surrogates import Surrogates
from gateway.domain.deid import NO_RECORD, IdentifierType, PatientRecord

LEAST_DAYS, MOST_DAYS = 366, 1825  # of a shift: more than any year, at most five
Seal = Callable[[IdentifierType, str], str]


class Scope:
    """The state of one document. `mentions` are all identifiers in it, by type, whatever becomes of them.

    `language` is the document's; `year` the current one; `record` the patient's, where known; `seal` makes
    tokens. `hides_old_age`: the profile lets no age over 89 be told, so that no shifted date may tell one
    (times between dates are kept, those from birth too). What no method needs is not worked out.
    """

    def __init__(
        self,
        *,
        keys: SubjectKeys,
        language: str,
        year: int,
        record: PatientRecord | None = None,
        seal: Seal | None = None,
        mentions: Iterable[tuple[IdentifierType, str]] = (),
        hides_old_age: bool = True,
    ) -> None:
        self.keys, self.language, self.year, self.seal = keys, language, year, seal
        self.record = record or NO_RECORD
        self.mentions = tuple(mentions)
        self.hides_old_age = hides_old_age

    @cached_property
    def surrogates(self) -> Surrogates:
        """Realistic values in the place of the document's own."""
        return Surrogates(
            Choices(
                key=self.keys.surrogate,
                language=self.language,
                record=self.record,
                mentions=self.mentions,
            )
        )

    @cached_property
    def reading(self) -> Reading:
        """How the document's dates are meant."""
        known = [*self.record.dates, *([self.record.birth_date] if self.record.birth_date else [])]
        dates = (text for kind, text in self.mentions if kind is IdentifierType.DATE)
        return reading_of(dates, self.language, self.year, known)

    @cached_property
    def days(self) -> int:
        """The shift of dates: uniform over 366 to 1825 days, forward or back."""
        draws = Draws(self.keys.shift)
        size = LEAST_DAYS + draws.below(MOST_DAYS - LEAST_DAYS + 1)
        return size if draws.below(2) else -size
