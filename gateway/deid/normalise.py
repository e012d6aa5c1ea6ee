"""The form of a text that detectors see, and the way back: every span maps to code points as they were given.

Law: nothing readable is hidden from the detectors. What is removed has no shape of its own (zero-width
characters, RTF control words); a tag's attributes stay. A span maps to whole code points and whole clusters.
A normalised text is its own normal form; hostile markup that keeps unfolding loses its markup signs.
Imports: the standard library and the markup beside it.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.deid.markup import Edit, html_edits, is_rtf, quoted_printable_edits, rtf_edits

_ROUNDS = 6
"""How deep markup within markup is unfolded."""

# Marks that compose with a base, and how many a cluster may have: Unicode Standard Annex 15's Stream-Safe
# Text Format. Sorting marks is quadratic in their number.
_MARKS = "\u0300-\u034e\u0350-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MOST_MARKS = 30

_PLAIN_SIGNS = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u02b9\u02bc\u055a\uff07",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d",
    "/": "\u2044\u2215",
    "\n": "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029",
    "@": "\ufe6b",
}
_FOLDED = ((0xFF01, 0xFF5F), (0x1D400, 0x1D800))  # full-width ASCII; mathematical letters and digits
_LIGATURES = ((0xFB00, 0xFB07), (0x2116, 0x2117))  # ff to st; the numero sign
_BEYOND_BMP_DIGITS = ((0x104A0, 0x104AA), (0x11066, 0x11070), (0x1E950, 0x1E95A), (0x1FBF0, 0x1FBFA))


def _range(start: int, end: int) -> Iterable[str]:
    return map(chr, range(start, end))


def _plain_characters() -> dict[str, str]:
    """Characters with one plain character in their place."""
    plain = {sign: to for to, signs in _PLAIN_SIGNS.items() for sign in signs}
    for start, end in _FOLDED:
        for sign in _range(start, end):
            folded = unicodedata.normalize("NFKC", sign)
            if len(folded) == 1 and folded != sign:
                plain.setdefault(sign, folded)
    for sign in _range(0, 0x10000):
        kind = unicodedata.category(sign)
        if kind == "Nd" and sign > "9":
            plain[sign] = str(unicodedata.digit(sign))
        elif kind == "Zs" and sign != " ":
            plain[sign] = " "
        elif kind == "Cc" and sign not in "\n\t\r":
            plain.setdefault(sign, " ")
        elif kind == "Cs":
            plain[sign] = "\ufffd"
    for start, end in _BEYOND_BMP_DIGITS:
        plain |= {sign: str(unicodedata.digit(sign)) for sign in _range(start, end)}
    return plain


def _removed_characters() -> list[str]:
    """Format characters, which have no width: zero-width, bidirectional marks, soft hyphen, BOM, tags."""
    formats = [sign for sign in _range(0, 0x10000) if unicodedata.category(sign) == "Cf"]
    selectors = [*_range(0xFE00, 0xFE10), *_range(0xE0000, 0xE0080), *_range(0xE0100, 0xE01F0)]
    return [*formats, "\u034f", "\u180b", "\u180c", "\u180d", *selectors]


def _class(signs: Iterable[str]) -> str:
    """The inside of a character class, as ranges."""
    points = sorted(map(ord, signs))
    ranges: list[list[int]] = []
    for point in points:
        if ranges and point <= ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


_PLAIN = _plain_characters()
_PLAIN_TABLE = str.maketrans(_PLAIN)
_IS_PLAINED = re.compile(f"[{_class(_PLAIN)}]")
_REMOVED_SIGNS = frozenset(_removed_characters())
_REMOVED = _class(_REMOVED_SIGNS)
_LIGATURE = _class(sign for start, end in _LIGATURES for sign in _range(start, end))
_JAMO = "\u1100-\u1112\u1161-\u1175\u11a8-\u11c2"
_UNEVEN_RUN = re.compile(f"[{_REMOVED}{_LIGATURE}{_MARKS}{_JAMO}]+")
_UNEVEN = re.compile(
    f"(?P<removed>[{_REMOVED}]+)|(?P<ligature>[{_LIGATURE}])[{_MARKS}]*"
    f"|[^{_MARKS}{_REMOVED}\n](?P<marks>[{_MARKS}]{{1,{_MOST_MARKS}}})[{_MARKS}]*"
    "|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?"
)
_CAN_CHANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f&=<\\]")
_MARKUP = str.maketrans("&=<\\", "    ")


@dataclass(frozen=True, slots=True)
class _Layer:
    """One pass's edits as parallel columns, in order: where each stands in its output and in its input."""

    out_starts: array[int]
    out_ends: array[int]
    in_starts: array[int]
    in_ends: array[int]

    def start(self, place: int) -> int:
        """The first input code point of the output character at a place."""
        at = bisect_right(self.out_starts, place) - 1
        if at < 0:
            return place
        if place < self.out_ends[at]:
            return self.in_starts[at]
        return self.in_ends[at] + place - self.out_ends[at]

    def end(self, place: int) -> int:
        """The end of the input of the output character that ends at a place (1 or more)."""
        at = bisect_right(self.out_starts, place - 1) - 1
        if at < 0:
            return place
        if place <= self.out_ends[at]:
            return self.in_ends[at]
        return self.in_ends[at] + place - self.out_ends[at]


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in its normal form, and the layers of edits that lead back to the given one."""

    text: str
    layers: tuple[_Layer, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The given text's half-open span of a span of `text`. Empty spans stay empty.

        Raises ValueError for offsets outside the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError("offsets outside the text")
        empty = start == end
        for layer in reversed(self.layers):
            start, end = layer.start(start), layer.end(end) if not empty else end
        return start, start if empty else end


def normalised(text: str) -> Normalised:
    r"""The text as detectors see it. Linear in the text's length.

    Zero-width and bidirectional marks go; controls and exotic spaces become spaces, other line ends "\n";
    digits of every script, full-width forms, typographic quotes and dashes become ASCII; accents are
    composed (NFC); HTML, RTF and quoted-printable soft breaks are undone.
    """
    if text.isascii() and not _CAN_CHANGE.search(text):
        return Normalised(text)
    layers: list[_Layer] = []
    for _ in range(_ROUNDS):
        before = text
        for unfold in _STEPS:
            text = _applied(text, unfold, layers)
        if text == before:
            return Normalised(text, tuple(layers))
    for _ in range(2):  # what is removed may stand between a base and its mark
        text = _applied(text, _character_edits, layers)
    return Normalised(text.translate(_MARKUP), tuple(layers))


def _applied(text: str, edits: Callable[[str], Iterable[Edit]], layers: list[_Layer]) -> str:
    """The text after one pass; its layer is added where it moved anything."""
    if edits is _character_edits:
        text = _one_for_one(text)
    pieces: list[str] = []
    layer = _Layer(array("q"), array("q"), array("q"), array("q"))
    length = done = 0
    for start, end, replacement in edits(text):
        pieces += text[done:start], replacement
        length += start - done
        layer.out_starts.append(length)
        length += len(replacement)
        layer.out_ends.append(length)
        layer.in_starts.append(start)
        layer.in_ends.append(end)
        done = end
    if not pieces:
        return text
    pieces.append(text[done:])
    layers.append(layer)
    return "".join(pieces)


def _one_for_one(text: str) -> str:
    """The replacements that move nothing."""
    if text.isascii() and not _CAN_CHANGE.search(text):
        return text
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    return text.translate(_PLAIN_TABLE) if _IS_PLAINED.search(text) else text


def _character_edits(text: str) -> Iterable[Edit]:
    """Removals, ligatures and clusters to compose."""
    if text.isascii():
        return
    done = 0
    for run in _UNEVEN_RUN.finditer(text):
        if run[0] in _REMOVED_SIGNS:
            done = run.end()
            yield run.start(), done, ""
            continue
        for match in _UNEVEN.finditer(text, max(done, run.start() - 1), run.end()):
            yield match.start(), match.end(), _even(match)
            done = match.end()


def _even(match: re.Match[str]) -> str:
    if match["removed"]:
        return ""
    if match["ligature"]:
        return unicodedata.normalize("NFKC", match[0][: 1 + _MOST_MARKS])
    return unicodedata.normalize("NFC", match[0][: 1 + _MOST_MARKS])


def _rtf(text: str) -> Iterable[Edit]:
    return rtf_edits(text) if is_rtf(text) else ()


_STEPS: tuple[Callable[[str], Iterable[Edit]], ...] = (
    _character_edits,
    _rtf,
    html_edits,
    quoted_printable_edits,
)
