"""The held-out notes: gold labels are right and complete, and the notes are as various as they should be."""

import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from gateway.deid.fhir_patient import record_of
from gateway.deid.language import language_of
from gateway.demo.notes import KINDS, LANGUAGES, gold_line, held_out_words, labelled_notes
from gateway.demo.notes.__main__ import main
from gateway.demo.notes.chinese import ChineseVoice, chinese_chart
from gateway.demo.notes.english import EnglishVoice
from gateway.demo.notes.english_chart import english_chart
from gateway.demo.notes.labelled import CLEAN_SHARE, LabelledNote
from gateway.demo.notes.lists import banks, cultures, layouts, listed
from gateway.demo.notes.spanish import SpanishVoice, spanish_chart
from gateway.domain.deid import IdentifierType as T

NOTES = tuple(labelled_notes(11, 600))
OTHERS = tuple(labelled_notes(11, 300, ("es", "zh")))


def texts(note: LabelledNote, *kinds: T) -> list[str]:
    return [note.text[span.start : span.end] for span in note.spans if span.type in kinds]


def test_the_same_seed_brings_the_same_notes_and_more_of_them_change_none() -> None:
    assert tuple(labelled_notes(11, 40)) == NOTES[:40]
    assert tuple(labelled_notes(12, 40)) != NOTES[:40]


@pytest.mark.parametrize("languages", [(), ("xx",), ("en", "xx")])
def test_a_language_without_notes_is_refused(languages: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no notes in these languages"):
        next(labelled_notes(1, 1, languages))
    assert next(labelled_notes(1, 1, LANGUAGES)).language == "en"


def test_spans_are_sorted_disjoint_and_tight() -> None:
    for note in (*NOTES, *OTHERS):
        end = 0
        for span in note.spans:
            assert end <= span.start < span.end <= len(note.text)
            assert note.text[span.start].strip() and note.text[span.end - 1].strip(), note.id
            assert span.source == "gold"
            end = span.end


def test_no_held_out_word_stands_outside_of_a_span() -> None:
    """Every name, town, street or house that a note could be filled with is labelled wherever it stands."""
    word = re.compile(r"[^\W\d_]{5,}")
    held = {entry for entry in held_out_words() if word.fullmatch(entry)}
    for note in (*NOTES, *OTHERS):
        for found in word.finditer(note.text):
            if found[0].casefold() in held:
                assert any(s.start <= found.start() and found.end() <= s.end for s in note.spans), (
                    note.id,
                    found,
                )


def test_what_the_record_holds_is_labelled_wherever_it_stands() -> None:
    for note in (*NOTES, *OTHERS):
        identifiers = note.patient["identifier"]
        assert isinstance(identifiers, list)
        for value in (entry["value"] for entry in identifiers):
            for found in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", note.text, re.IGNORECASE):
                assert any(s.start <= found.start() and found.end() <= s.end for s in note.spans), note.id


def test_the_people_on_record_are_labelled_wherever_they_stand_in_a_chinese_note() -> None:
    """Chinese has no blanks that would part a name from what stands beside it."""
    for note in OTHERS[1::2]:
        record = record_of(note.patient)
        for name in (*record.names, *record.others):
            full = "".join((*name.family, *name.given))
            for found in re.finditer(re.escape(full), note.text):
                assert any(s.start <= found.start() and found.end() <= s.end for s in note.spans), note.id


@pytest.mark.parametrize("language", ["es", "zh"])
def test_the_other_languages_have_five_kinds_and_their_own_script(language: str) -> None:
    notes = [note for note in OTHERS if note.language == language]
    assert {note.kind for note in notes} == {"admission", "discharge", "radiology", "letter", "nursing"}
    assert {note.kind for note in notes if not note.spans} == {note.kind for note in notes}
    assert {language_of(note.text) for note in notes} == {language}
    kinds = {span.type for note in notes for span in note.spans}
    assert {
        T.NAME,
        T.DATE,
        T.AGE,
        T.LOCATION,
        T.STREET,
        T.ZIP,
        T.ORGANIZATION,
        T.PHONE,
        T.NATIONAL_ID,
    } <= kinds
    assert all(record_of(note.patient).identifiers for note in notes)


def test_numbers_with_a_check_digit_have_the_right_one() -> None:
    """By the rules themselves, as published: GB 11643 with MOD 11-2, and the letter of a Spanish DNI."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for note in OTHERS:
        for number in texts(note, T.NATIONAL_ID):
            if len(number) == 18:
                total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
                assert number[17].upper() == "10X98765432"[total % 11]
            if re.fullmatch(r"\d{8}[A-Za-z]", number):
                assert number[8].upper() == "TRWAGMYFPDXBNJZSQVHLCKE"[int(number[:8]) % 23]


def test_titles_years_states_and_ages_under_ninety_are_no_identifiers() -> None:
    for note in NOTES:
        for text in texts(note, T.NAME):
            assert not re.match(r"(?i)(mr|mrs|ms|dr|prof)\b\.? ", text), note.id
        assert not any(re.fullmatch(r"\d{4}", text) for text in texts(note, T.DATE))
        assert all(int(text) > 89 for text in texts(note, T.AGE))
        for age in re.findall(r"\b(\d{2,3})[- ]year[- ]old", note.text, re.IGNORECASE):
            assert int(age) <= 89 or age in texts(note, T.AGE)


def test_a_part_of_every_kind_identifies_nobody() -> None:
    clean = Counter(note.kind for note in NOTES if not note.spans)
    assert set(clean) == set(KINDS)
    whole = [note for note in NOTES if note.kind != "message"]
    share = sum(not note.spans for note in whole) / len(whole)
    assert CLEAN_SHARE - 0.05 < share < CLEAN_SHARE + 0.05


def test_notes_are_as_long_as_notes_are_and_no_two_are_the_same() -> None:
    whole = [note for note in NOTES if note.kind != "message"]
    assert 1150 < sum(len(note.text) for note in whole) / len(whole) < 1500
    assert min(len(note.text) for note in NOTES) > 12
    assert len({note.text for note in whole}) == len(whole)


def test_nothing_of_a_template_is_left_in_a_note() -> None:
    for note in (*NOTES, *OTHERS):
        assert not re.search(r"<<|>>|[{}]|\[[^\]]*\|", note.text), note.id


def test_every_type_of_identifier_occurs() -> None:
    assert {span.type for note in NOTES for span in note.spans} == set(T)


def test_names_are_misspelled_now_and_then() -> None:
    held = held_out_words()
    words = [
        word.casefold()
        for note in NOTES
        for name in texts(note, T.NAME)
        for word in re.findall(r"[^\W\d_]{5,}", name)
    ]
    parts = {part for entry in held for part in re.findall(r"[^\W\d_]+", entry)}
    slips = sum(word not in parts for word in words) / len(words)
    assert 0.03 < slips < 0.09  # of the words; a slip is made in one word of a name


def test_the_typist_leaves_capitals_small_letters_short_lines_and_breaks_inside_identifiers() -> None:
    assert any(note.text.isupper() for note in NOTES) and any(note.text.islower() for note in NOTES)
    assert any("\r\n" in note.text for note in NOTES)
    assert any("\n" in text for note in NOTES for text in texts(note, T.NAME))
    assert any("\n" in text for note in NOTES for text in texts(note, T.DATE))


def test_every_patient_is_a_record_that_de_identification_reads() -> None:
    for note in NOTES[:100]:
        record = record_of(note.patient)
        assert record.names and record.others and record.phones and record.identifiers and record.birth_date


def test_no_slot_of_a_voice_is_a_bank_too() -> None:
    """A slot of a bank's name would be filled with a sentence."""
    for language, charted, voice in (
        ("en", english_chart, EnglishVoice),
        ("es", spanish_chart, SpanishVoice),
        ("zh", chinese_chart, ChineseVoice),
    ):
        chart = charted(Random(1), "1", ages=(30, 40), female=True)
        slots = set(voice(Random(1), chart).slots)
        assert not slots & {name for part in banks(language).values() for name in part}
        assert voice.clean <= slots


def test_the_lists_are_long_enough() -> None:
    names = cultures("words/names.txt")
    assert len(names) >= 15
    assert len({name for culture in names for name in culture.family}) >= 250
    assert len({name for culture in names for name in (*culture.female, *culture.male)}) >= 250
    places = "words/places.txt"
    assert len(set(listed(places, "towns"))) >= 80
    assert len(set(listed(places, "streets"))) >= 80
    assert len({*listed(places, "hospitals"), *listed(places, "practices")}) >= 60
    assert all(len(layouts("en")[kind]) >= 8 for kind in KINDS if kind != "message")
    sentences = [text for part in banks("en").values() for rows in part.values() for text in rows]
    assert len(set(sentences)) >= 320


def test_the_command_writes_gold_lines(tmp_path: Path) -> None:
    out = tmp_path / "gold.jsonl"
    main(["--count", "5", "--seed", "11", str(out)])
    lines = out.read_text("utf-8").splitlines()
    assert lines == [gold_line(note) for note in NOTES[:5]]
    for line, note in zip(lines, NOTES, strict=False):
        content = json.loads(line)
        assert set(content) == {"id", "text", "spans", "patient"}
        assert [(s["start"], s["end"], s["type"]) for s in content["spans"]] == [
            (span.start, span.end, span.type.value) for span in note.spans
        ]


def test_the_command_refuses_a_language_it_has_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--language", "xx", str(tmp_path / "gold.jsonl")])
    assert "no notes in xx" in capsys.readouterr().err
