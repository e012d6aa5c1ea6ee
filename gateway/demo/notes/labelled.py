"""Notes with gold labels: which kind, about whom, in which layout, and how untidily typed.

Law: a note depends on the seed, its language and its number alone. Imports: the other files of this package.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from gateway.demo.notes import pieces as p
from gateway.demo.notes.chart import Chart, Content, patient_resource
from gateway.demo.notes.chinese import ChineseVoice, chinese_chart, full_width
from gateway.demo.notes.english import OLD, EnglishVoice
from gateway.demo.notes.english_chart import english_chart
from gateway.demo.notes.lists import ALL, banks, layouts
from gateway.demo.notes.spanish import SpanishVoice, spanish_chart
from gateway.demo.notes.template import Voice, Writer
from gateway.domain.deid import Span

CLEAN_SHARE = 0.15
KINDS = ("admission", "discharge", "radiology", "letter", "nursing", "dictation", "clinic", "message")
_TONGUES: dict[str, tuple[Callable[..., Chart], Callable[[Random, Chart], Voice], str]] = {
    "en": (english_chart, EnglishVoice, " "),
    "es": (spanish_chart, SpanishVoice, " "),
    "zh": (chinese_chart, ChineseVoice, ""),
}  # who is ill, who speaks, and what parts sentences
LANGUAGES = tuple(_TONGUES)
_GROWN = (19, 97)
_OLD, _OLD_SHARE = (90, 103), 0.06
_AGES = {
    "pregnancy": (18, 41),
    "pediatric": (1, 9),
    "breast": (32, 88),
    "hip": (61, 98),
    "cadera": (64, 99),
    "fracture": (62, 98),
    "epilepsy": (12, 80),
}
_ADULT = "adult"  # a part of the banks
_MESSAGE = "message"
_CHILDREN = {"pediatric"}
_FEMALE = {"pregnancy", "breast"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledNote:
    """A note, its identifiers (gold spans, sorted, disjoint), and the patient as a FHIR R4 Patient."""

    id: str
    text: str
    spans: tuple[Span, ...]
    patient: Content
    kind: str
    language: str


def labelled_notes(seed: int, count: int, languages: Sequence[str] = ("en",)) -> Iterator[LabelledNote]:
    """So many notes, the languages in turn; more of them leave the first ones as they are.

    Raises ValueError for a language that is not in `LANGUAGES`.
    """
    unknown = sorted(set(languages) - set(LANGUAGES))
    if unknown or not languages:
        raise ValueError(f"no notes in these languages: {', '.join(unknown) or 'none given'}")
    for number in range(count):
        yield _note(seed, number, languages[number % len(languages)])


def gold_line(note: LabelledNote) -> str:
    """The note as a line of a gold file, without the line's end."""
    spans = [{"start": span.start, "end": span.end, "type": span.type.value} for span in note.spans]
    content = {"id": note.id, "text": note.text, "spans": spans, "patient": note.patient}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _note(seed: int, number: int, language: str) -> LabelledNote:
    draw = Random(f"notes/{seed}/{language}/{number}")
    name = f"{language}-{seed}-{number:06d}"
    kind = draw.choice(_kinds(language))
    clean = draw.random() < CLEAN_SHARE
    case = draw.choice([case for case in banks(language) if case not in (ALL, _ADULT)])
    charted, voice, space = _TONGUES[language]
    chart = charted(
        draw, name, ages=_ages(draw, case, clean=clean), female=case in _FEMALE or draw.random() < 0.5
    )
    layout = f"<<{_MESSAGE}>>" if kind == _MESSAGE else draw.choice(layouts(language)[kind])
    parts = (case, ALL) if case in _CHILDREN else (case, ALL, _ADULT)
    writer = Writer(draw, voice(draw, chart), banks(language), parts, clean=clean, space=space)
    pieces = writer.note(layout)
    if language == "zh" and draw.random() < 0.8:
        pieces = full_width(pieces)
    text, spans = _typed(draw, p.assembled(pieces))
    return LabelledNote(
        id=name, text=text, spans=spans, patient=patient_resource(chart), kind=kind, language=language
    )


def _kinds(language: str) -> Sequence[str]:
    """The kinds of a language. A message has no layout: it is a sentence of its bank."""
    return (*layouts(language), *({_MESSAGE} & set(banks(language)[ALL])))


def _ages(draw: Random, case: str, *, clean: bool) -> tuple[int, int]:
    """The ages in which one falls ill of it; below 90 where the age may not identify, else some above."""
    low, high = _AGES.get(case, _GROWN)
    if clean:
        return low, min(high, OLD - 1)
    return _OLD if high > OLD and draw.random() < _OLD_SHARE else (low, high)


def _typed(draw: Random, note: p.Labelled) -> p.Labelled:
    """As typists and systems leave it: capitals, small letters, short lines, other line ends."""
    text, spans = note
    case = draw.choices((None, p.upper, p.lower), (87, 7, 6))[0]
    if case is not None:
        text = case(text)
    if draw.random() < 0.3:
        text = p.wrapped(text, draw.choice((58, 64, 70, 76, 80, 96)))
    return p.with_returns((text, spans)) if draw.random() < 0.05 else (text, spans)
