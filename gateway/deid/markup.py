"""Markup inside notes as edits: HTML tags and entities, RTF, quoted-printable. What a reader sees stays.

Law: an edit is (start, end, replacement), in order and disjoint. Only a tag's own name and signs go: its
attributes stay readable, because a name in one would leave with the text. `<5 mg` and `a < b` are no tags.
Imports: the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.entities import html5

Edit = tuple[int, int, str]

_ELEMENTS = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|caption|center|code|col|colgroup|dd|div|dl|dt|em"
    "|fieldset|font|footer|form|h[1-6]|head|header|hr|html|i|img|input|label|legend|li|link|main|meta|nav"
    "|o:p|ol|option|p|pre|s|script|section|select|small|span|strike|strong|style|sub|sup|table|tbody|td"
    "|textarea|tfoot|th|thead|title|tr|tt|u|ul|xml"
)
_TAG = re.compile(
    rf"<(?:/?(?P<known>(?i:{_ELEMENTS}))(?=[\s/>])|/?(?=[a-zA-Z][\w:.-]{{0,60}}[\s/>]))"
    r"(?P<inside>[^<>]{0,4000})>|<!--|-->|<!\[CDATA\[|\]\]>|<!(?i:doctype)\b"
)
_ATTRIBUTES = re.compile(r"[\w:.-]{1,60}\s{0,20}(?:/|[\w:.-]{1,60}\s{0,20}=.*)?\s{0,20}\Z", re.DOTALL)

_AMPERSANDS = r"(?:(?:amp|AMP|#0{0,4}38|#[xX]0{0,4}26);)*"
_ENTITY = re.compile(
    rf"&{_AMPERSANDS}(?P<last>#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|(?P<name>[a-zA-Z0-9]{{2,32}}));"
)

_RTF = re.compile(
    r"\\'(?P<byte>[0-9a-fA-F]{2})"
    r"|\\u(?P<code>-?[0-9]{1,6}) ?(?:\\'[0-9a-fA-F]{2}|\?)?"
    r"|\\(?P<word>[a-zA-Z]{1,32})-?[0-9]{0,10} ?"
    r"|\\(?P<sign>[^a-zA-Z])"
    r"|[{}]|[\r\n]+",
    re.DOTALL,
)
_RTF_WORDS = {
    "par": "\n", "line": "\n", "page": "\n", "sect": "\n", "row": "\n", "tab": "\t", "cell": "\t",
    "emdash": "-", "endash": "-", "lquote": "'", "rquote": "'", "ldblquote": '"', "rdblquote": '"',
    "emspace": " ", "enspace": " ", "bullet": "*",
}  # fmt: skip
_RTF_SIGNS = {"~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}

_SOFT = re.compile(r"(?<=[^\s=])=[ \t]{0,8}\n|=[CD][0-9A-F]=[89AB][0-9A-F]|=E[0-9A-F](?:=[89AB][0-9A-F]){2}")


def html_edits(text: str) -> Iterable[Edit]:
    """Entities decoded; where there is none left, tags become spaces."""
    if "&" in text:
        entities = list(_entities(text))
        if entities:
            return entities
    return _tags(text) if "<" in text else ()


def _entities(text: str) -> Iterable[Edit]:
    for match in _ENTITY.finditer(text):
        if match["name"] and f"{match['name']};" not in html5:
            continue
        yield match.start(), match.end(), unescape(f"&{match['last']};") or " "


def _tags(text: str) -> Iterable[Edit]:
    for match in _TAG.finditer(text):
        inside = match["inside"] or ""
        if inside in ("", "/", " /"):
            yield match.start(), match.end(), " "
        elif match["known"] or _ATTRIBUTES.match(inside):
            yield match.start(), match.start("inside"), " "
            yield match.end() - 1, match.end(), " "


def is_rtf(text: str) -> bool:
    """Whether the text is a document in Rich Text Format."""
    return text.lstrip(" \n\t").startswith("{\\rtf")


def rtf_edits(text: str) -> Iterable[Edit]:
    r"""Control words and groups removed as a reader would (Rich Text Format 1.9.1), characters decoded.

    Bytes are Windows-1252, the usual code page; a character's stand-in after `\uN` goes with it.
    """
    for match in _RTF.finditer(text):
        yield match.start(), match.end(), _rtf_text(match)


def _rtf_text(match: re.Match[str]) -> str:
    if match["byte"]:
        return bytes.fromhex(match["byte"]).decode("cp1252", "replace")
    if match["code"]:
        return chr(int(match["code"]) % 0x10000)
    if match["word"]:
        return _RTF_WORDS.get(match["word"], "")
    return _RTF_SIGNS.get(match["sign"] or "", "")


def quoted_printable_edits(text: str) -> Iterable[Edit]:
    """Soft line breaks removed and UTF-8 letters decoded (RFC 2045, 6.7); a lone `=3D` stays as it is."""
    if "=" not in text:
        return
    for match in _SOFT.finditer(text):
        if match[0].endswith("\n"):
            yield match.start(), match.end(), ""
            continue
        letter = bytes.fromhex(match[0].replace("=", "")).decode("utf-8", "ignore")
        if letter:
            yield match.start(), match.end(), letter
