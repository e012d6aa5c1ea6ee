"""The scores of a model, on texts small enough to count by hand."""

import pytest

from gateway.domain.deid import IdentifierType, Span
from training.judge import tables
from training.judged import Judged, marked, queries
from training.scores import scored


def span(start: int, end: int, kind: IdentifierType = IdentifierType.NAME) -> Span:
    return Span(start=start, end=end, type=kind, score=1.0, source="model")


def test_marks_become_spans() -> None:
    made = marked("Dr. {NAME|Bo Ames} on {DATE|3/4}.")
    assert made.text == "Dr. Bo Ames on 3/4."
    assert [(made.text[s.start : s.end], s.type.value) for s in made.gold] == [
        ("Bo Ames", "NAME"),
        ("3/4", "DATE"),
    ]


def test_shares_are_of_characters_that_are_no_white_space() -> None:
    judged = [Judged(text="Bo Ames is well", gold=(span(0, 7),)), Judged(text="all well", gold=())]
    scores = scored(judged, [[span(0, 2), span(8, 10)], []])
    assert scores.recall[0] == pytest.approx(2 / 6)
    assert scores.precision[0] == pytest.approx(2 / 4)
    assert scores.touched[0] == pytest.approx(2 / 13)
    assert scores.clean[0] == 0
    assert scores.by_type["NAME"][0] == scores.recall[0]


def test_a_clean_text_counts_when_anything_in_it_is_found() -> None:
    judged = [Judged(text="all well", gold=()), Judged(text="quite well", gold=())]
    assert scored(judged, [[span(0, 3)], []]).clean[0] == 0.5


def test_what_counts_neither_way_counts_neither_way() -> None:
    judged = [Judged(text="Mr Bo", gold=(span(3, 5),), either=(span(0, 2),))]
    assert scored(judged, [[span(0, 5)]]) == scored(judged, [[span(3, 5)]])


def test_an_interval_holds_its_share() -> None:
    judged = [Judged(text="Bo is", gold=(span(0, 2),))] * 40
    share, low, high = scored(judged, [[span(0, 2)]] * 30 + [[]] * 10).recall
    assert low < share < high
    assert share == pytest.approx(0.75)


def test_the_queries_can_be_read_and_hold_both_kinds() -> None:
    made = list(queries())
    assert sum(bool(item.gold) for item in made) > 35
    assert sum(not item.gold for item in made) > 35
    assert all("{" not in item.text for item in made)


def test_tables_show_every_set_and_type_once() -> None:
    judged = {
        "ours": scored([Judged(text="Bo is", gold=(span(0, 2),))], [[span(0, 2)]]),
        "theirs": scored([Judged(text="3/4", gold=(span(0, 3, IdentifierType.DATE),))], [[]]),
    }
    lines = tables(judged).splitlines()
    assert [line.split(" | ")[0] for line in lines] == [
        "| set",
        "| ---",
        "| ours",
        "| theirs",
        "",
        "| recall of",
        "| ---",
        "| DATE",
        "| NAME",
    ]
    assert lines[7] == "| DATE | - | 0.00 (0.0 to 0.0) |"
    assert lines[8] == "| NAME | 100.00 (100.0 to 100.0) | - |"
