"""What has been put in whose place in one document, chosen by key and by chance.

Law: within a scope two originals never share a surrogate, and no surrogate is an original of the document or
of the record. The first choice depends on the key and the original alone, so that it is the same in every
document of a patient; another is made only where the first would break the law.
May import: domain words, deid.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from gateway.deid.draws import Draws
from gateway.deid.keys import keyed_digest
from gateway.deid.surrogate_words import GENERIC
from gateway.deid.words import fold
from gateway.domain.deid import HumanName, IdentifierType, PatientRecord

MOST_ATTEMPTS = 32
NARROW_ATTEMPTS = 8  # then what is made may come from a wider choice
MOST_FAILURES = 100  # of a group: what is to be had is used up, and a text of any length ends soon

_BETWEEN = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"[^\W_]+")
_NAME_LETTERS, _OTHER_CHARACTERS = 2, 4  # shorter parts of values tell nothing and are everywhere


def canonical(value: str) -> str:
    """A value without what varies between its mentions: case, width, spaces, punctuation."""
    folded = (value if value.isascii() else unicodedata.normalize("NFKC", value)).casefold()
    return _BETWEEN.sub("", folded) or folded.strip()


def tokens(value: str) -> Iterator[str]:
    """The words and numbers of a value, case folded."""
    for found in _TOKEN.finditer(value):
        yield found[0].casefold()


class Choices:
    """The surrogates of one document. `mentions` are all its identifiers, by type, whatever becomes of them.

    `key` is the patient's or document's own, of 32 bytes; `record` the patient's.
    """

    def __init__(
        self,
        *,
        key: bytes,
        language: str,
        record: PatientRecord,
        mentions: Sequence[tuple[IdentifierType, str]],
    ) -> None:
        self.language, self.record, self.mentions = language, record, mentions
        self._key = key
        self._originals = frozenset(self._original_tokens())
        self._chosen: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._failures: Counter[str] = Counter()

    def chosen(
        self,
        group: str,
        original: str,
        make: Callable[[Draws], str],
        *,
        wider: Callable[[Draws], str] | None = None,
        fits: Callable[[str], bool] = lambda candidate: True,
        reserved: bool = False,
    ) -> str | None:
        """The surrogate of an original (canonical), made once; None where no fitting one was found.

        `wider` makes one where `make` keeps failing. `reserved`: what is made consists of reserved names and
        numbers, whose parts may stand in the original too.
        """
        found = self._chosen.get((group, original))
        if found is not None or self._failures[group] >= MOST_FAILURES:
            return found
        for attempt in range(MOST_ATTEMPTS):
            draws = Draws(keyed_digest(self._key, (group, original, str(attempt))))
            candidate = (wider if wider and attempt >= NARROW_ATTEMPTS else make)(draws)
            if fits(candidate) and self._free(candidate, reserved):
                self._chosen[(group, original)] = candidate
                self._taken.add(canonical(candidate))
                return candidate
        self._failures[group] += 1
        return None

    def draws(self, group: str, original: str) -> Draws:
        """Draws that are the original's own, for what need not differ from others'."""
        return Draws(keyed_digest(self._key, (group, original)))

    def tells(self, text: str) -> bool:
        """Whether a word or number of a text stands in an identifier of the document or of the record."""
        return any(token in self._originals or fold(token) in self._originals for token in tokens(text))

    def _free(self, candidate: str, reserved: bool) -> bool:
        folded = canonical(candidate)
        if folded in self._taken or folded in self._originals:
            return False
        return reserved or not self.tells(candidate)

    def _original_tokens(self) -> Iterator[str]:
        for kind, text in (*self.mentions, *_values(self.record)):
            least = _NAME_LETTERS if kind is IdentifierType.NAME else _OTHER_CHARACTERS
            for part in (canonical(text), *(token for token in tokens(text) if token not in GENERIC)):
                if len(part) >= least:
                    yield part
                    yield fold(part)


def _values(record: PatientRecord) -> Iterator[tuple[IdentifierType, str]]:
    """Every value of a record that could stand in a note, by type."""
    for name in (*record.names, *record.others):
        yield IdentifierType.NAME, _written(name)
    for kind, texts in (
        (IdentifierType.PHONE, record.phones),
        (IdentifierType.EMAIL, record.emails),
        (IdentifierType.URL, record.urls),
        (IdentifierType.ORGANIZATION, record.organizations),
    ):
        yield from ((kind, text) for text in texts)
    yield from ((identifier.type, identifier.value) for identifier in record.identifiers)
    for address in record.addresses:
        yield from ((IdentifierType.STREET, line) for line in address.line)
        yield from ((IdentifierType.LOCATION, place) for place in (address.city, address.district) if place)
        yield IdentifierType.ZIP, address.postal_code


def _written(name: HumanName) -> str:
    return " ".join((*name.given, *name.family))
