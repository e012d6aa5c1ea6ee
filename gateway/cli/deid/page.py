"""Marked texts as one web page that needs nothing else: no network, no script, light and dark, fit to print.

Law: everything that came from a text is escaped, and a content security policy forbids whatever would slip
through. A type is told by its words and its line as well as by its colour.
May import: the standard library, cli.output, the sibling marked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from gateway.cli.deid.marked import GROUP_OF, Marked, counts, pieces
from gateway.cli.output import printable
from gateway.domain.deid import Span

# Colours of Okabe and Ito (jfly.uni-koeln.de/color), which people see apart with every kind of colour vision,
# each with an underline of its own.
_COLOURS = {
    "person": ("#d55e00", "solid"),
    "time": ("#0072b2", "dashed"),
    "place": ("#009e73", "dotted"),
    "organisation": ("#cc79a7", "double"),
    "contact": ("#56b4e9", "wavy"),
    "number": ("#e69f00", "solid"),
}
_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1b1b1b; --faint: #5c5c5c; --line: #d8d8d2;
  --card: #ffffff; --tint: 22%; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e8e8e4; --faint: #a3a3a0;
  --line: #33363a; --card: #1e2125; --tint: 38%; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
header p, .meta { color: var(--faint); margin: .25rem 0; font-size: .875rem; }
.warning { color: var(--ink); border-left: 4px solid #d55e00; padding: .25rem .75rem; }
ul { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem .9rem; padding: .75rem 0; margin: 0;
  font-size: .875rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: 1rem 1.25rem; margin: 1.25rem 0; break-inside: avoid-page; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .75rem 0 0; }
mark { color: inherit; border-radius: .2rem; padding: .05rem .2rem; text-decoration-line: underline;
  text-decoration-thickness: 2px; text-underline-offset: .2em;
  background: color-mix(in srgb, var(--hue) var(--tint), transparent); text-decoration-color: var(--hue);
  -webkit-print-color-adjust: exact; print-color-adjust: exact; box-decoration-break: clone; }
mark small { font-size: .65em; font-weight: 600; letter-spacing: .03em; margin-left: .35em;
  opacity: .8; display: inline-block; }
@media print { body { max-width: none; padding: 0; } section { border-color: #999; } }
"""


def page(notes: Sequence[Marked], *, title: str, more: bool) -> str:
    """The whole page. `more`: the run has texts that are not on it."""
    style = _STYLE + "\n".join(_rules())
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    legend = "".join(f"<li>{_mark(kind, kind)} {count:,}</li>" for kind, count in counts(notes))
    withheld = sum(1 for note in notes if note.withheld)
    said = f"{len(notes):,} texts{', the first of more' if more else ''}, {withheld:,} withheld"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{_shown(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{_shown(title)}</h1>\n<p>{said}</p>\n"
        '<p class="warning">This page shows the texts with their identifiers, as they were given: '
        "keep it where the texts themselves may be kept.</p>\n"
        f'<ul aria-label="Types found">{legend}</ul>\n</header>\n<main>\n'
        f"{''.join(_section(note) for note in notes)}</main>\n</body>\n</html>\n"
    )


def _rules() -> Iterator[str]:
    for group, (colour, line) in _COLOURS.items():
        yield f"mark.{group} {{ --hue: {colour}; text-decoration-style: {line}; }}"


def _section(note: Marked) -> str:
    if note.withheld:
        body = f'<p class="meta">withheld: {_shown(note.withheld)}</p>'
    else:
        told = f"language {_shown(note.language) or 'unknown'}, identifiers: {len(note.spans):,}"
        text = "".join(_shown(text) if span is None else _span(text, span) for text, span in pieces(note))
        body = f'<p class="meta">{told}</p>\n<div class="text" dir="auto">{text}</div>'
    return f"<section>\n<h2>{_shown(note.id) or 'without an id'}</h2>\n{body}\n</section>\n"


def _span(text: str, span: Span) -> str:
    words = f"{span.type}, {span.source}, score {span.score:.2f}"
    small = f'<small aria-hidden="true">{span.type}</small>'
    return f'<mark class="{GROUP_OF[span.type]}" title="{_shown(words)}">{_shown(text)}{small}</mark>'


def _mark(kind: str, text: str) -> str:
    group = next(group for each, group in GROUP_OF.items() if each == kind)
    return f'<mark class="{group}">{_shown(text)}</mark>'


def _shown(text: str) -> str:
    """Text of any origin as HTML: invisible characters as escapes, markup as characters."""
    return escape(printable(text.replace("\r\n", "\n").replace("\t", "    ")))
