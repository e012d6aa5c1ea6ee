"""Writing that no detector reads, taken as an identifier: what cannot be read cannot be cleared.

A note in a language that a profile lists may still hold a name in another script, which neither patterns
nor model know, or anything at all in base64 or hexadecimal. Single letters (units, Greek symbols) stay.
Imports: domain; the standard library.
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
_PACKED_SIGN = "[A-Za-z0-9+/_-]"
_PACKED = re.compile(
    rf"(?<!{_PACKED_SIGN}){_PACKED_SIGN}{{16,}}+={{0,2}}(?:\n{_PACKED_SIGN}++={{0,2}}(?=[ \t]*+(?:\n|\Z)))*+"
)
"""A long run in the signs of base64 (RFC 4648), with the lines that it goes on in."""
_HEXADECIMAL = re.compile(r"(?=[0-9]*+[A-Fa-f])(?=[A-Fa-f]*+[0-9])[0-9A-Fa-f]{16,}\Z")
_CHANGES = re.compile(r"(?=[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z]|[A-Z]{2}[a-z])")
_LONGEST_WORD = 40  # letters
_READS_HAN = frozenset({"zh"})


def unread_spans(text: str, language: str) -> list[Span]:
    """Runs of two letters and more (Greek: three) in scripts that the detectors of a language do not read,
    and what is packed in base64 or hexadecimal.

    Chinese characters are read where the language is Chinese; elsewhere a run of them is an identifier.
    """
    found = [match.span() for match in _PACKED.finditer(text) if _is_packed(match[0])]
    if not text.isascii():
        patterns = [_RUN, _GREEK_RUN] if language in _READS_HAN else [_RUN, _GREEK_RUN, _HAN_RUN]
        found += [match.span() for pattern in patterns for match in pattern.finditer(text)]
    return [
        Span(start=start, end=end, type=IdentifierType.ID, score=0.5, source="pattern")
        for start, end in found
    ]


def _is_packed(run: str) -> bool:
    """Whether a run is hexadecimal, or mixes capitals, small letters and digits as no word does."""
    first = run.partition("\n")[0].rstrip("=")
    if _HEXADECIMAL.match(first):
        return True
    if sum(map(first.count, "/_-")) * 12 > len(first):  # a list, a path; in base64 there is one in 32 signs
        return False
    mixed = len(_CHANGES.findall(first))
    return mixed * 4 >= len(first) or (mixed > 2 and len(first) > _LONGEST_WORD)
