"""Replacing on Presidio: its `AnonymizerEngine` with one operator of ours, which knows every method.

Presidio's own operators are left out: `hash` salts at random, so that it links nothing, and `encrypt` is
AES-CBC without authentication. The engine copies the whole text at every replacement; it is given
short stretches, so that a long document takes linear time.
May import: deid, domain; presidio_anonymizer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult
from presidio_anonymizer.operators import Operator, OperatorType

from gateway.deid.operators import replace
from gateway.deid.scope import Scope
from gateway.domain.deid import IdentifierType, Method, Profile, Span

_AT_ONCE = 64

# At debug level Presidio writes what it replaces where.
logging.getLogger("presidio-anonymizer").setLevel(logging.WARNING)


class Identifiers(Operator):
    """Replaces an identifier by the method and within the scope that its parameters name."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        assert params is not None  # noqa: S101 - the engine always passes them
        return replace(params["method"], text, IdentifierType(params["entity_type"]), params["scope"])

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Parameters come from a compiled profile."""

    def operator_name(self) -> str:
        return "concordat"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize


class Replacer:
    """Text with every identifier replaced as a profile says."""

    def __init__(self) -> None:
        self._engine: Any = AnonymizerEngine()  # type: ignore[no-untyped-call]
        self._engine.add_anonymizer(Identifiers)

    def replaced(self, text: str, spans: Sequence[Span], profile: Profile, scope: Scope) -> str:
        """`spans` are sorted and disjoint, in code points of `text`."""
        operators = {
            kind.value: OperatorConfig("concordat", {"method": profile.method(kind), "scope": scope})
            for kind in {span.type for span in spans}
        }
        changed = [span for span in spans if profile.method(span.type) is not Method.KEEP]
        parts, last = [], 0
        for group in _groups(changed):
            start, end = group[0].start, group[-1].end
            results = [
                RecognizerResult(span.type.value, span.start - start, span.end - start, span.score)
                for span in group
            ]
            done = self._engine.anonymize(
                text[start:end], results, operators, merge_entities_with_spaces=False
            )
            parts += [text[last:start], done.text]
            last = end
        return "".join([*parts, text[last:]])


def _groups(spans: Sequence[Span]) -> Iterator[Sequence[Span]]:
    for start in range(0, len(spans), _AT_ONCE):
        yield spans[start : start + _AT_ONCE]
