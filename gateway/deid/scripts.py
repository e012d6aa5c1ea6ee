"""Writing that no detector reads, taken as an identifier: what cannot be read cannot be cleared.

A note in a language that a profile lists may still hold a name in another script, which neither patterns
nor model know. Single letters (units, Greek symbols) stay. Imports: domain; the standard library.
"""

from __future__ import annotations

import re

from gateway.domain.deid import IdentifierType, Span

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_LATIN = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0250-\u02af\u1e00-\u1eff"
_GREEK = "\u0370-\u03ff"
_SYMBOLS = "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u218f\u2460-\u24ff"  # 10⁹, ½, Ⅱ, ①
_OTHER = f"[^\\W\\d_{_LATIN}{_GREEK}{_HAN}{_SYMBOLS}]"
"""Letters of scripts that no language here is written in; combining marks are no word characters in `re`."""

_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0903\u093a-\u094f\u0962\u0963\u0e31\u0e34-\u0e4e"
)
_RUN = re.compile(f"{_OTHER}[{_MARKS}]*(?:[ '’.-]?{_OTHER}[{_MARKS}]*)+")  # noqa: RUF001
_GREEK_RUN = re.compile(f"[{_GREEK}]{{3,}}(?:[ .-][{_GREEK}]{{2,}})*")
_HAN_RUN = re.compile(f"[{_HAN}]{{2,}}")
_READS_HAN = frozenset({"zh"})


def unread_spans(text: str, language: str) -> list[Span]:
    """Runs of two letters and more (Greek: three) in scripts that the detectors of a language do not read.

    Chinese characters are read where the language is Chinese; elsewhere a run of them is an identifier.
    """
    if text.isascii():
        return []
    patterns = [_RUN, _GREEK_RUN] if language in _READS_HAN else [_RUN, _GREEK_RUN, _HAN_RUN]
    return [
        Span(start=match.start(), end=match.end(), type=IdentifierType.ID, score=0.5, source="pattern")
        for pattern in patterns
        for match in pattern.finditer(text)
    ]
