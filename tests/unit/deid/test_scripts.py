"""Writing that no detector reads is taken as an identifier; what medicine writes in symbols is not."""

import time

import pytest

from gateway.deid.scripts import unread_spans


def covered(text: str, language: str = "en") -> list[str]:
    return sorted((text[span.start : span.end] for span in unread_spans(text, language)), key=text.index)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Seen with Иван Петров today", ["Иван Петров"]),
        ("patient أحمد came", ["أحمد"]),
        ("name: श्याम", ["श्याम"]),
        ("山田さん, 3 days", ["山田", "さん"]),
        ("김민수 님", ["김민수 님"]),
        ("Γιώργος is the son", ["Γιώργος"]),
    ],
)
def test_other_scripts_are_identifiers(text: str, found: list[str]) -> None:
    assert covered(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "TNF-\u03b1, \u03b2-blocker, 5 \u00b5g, 5 \u03bcg, \u0394 3, \u0394T",
        "José Núñez, Müller, Łukasz, Dvořák, Nguyễn",
        "10⁻¹² mol, m², ½ tablet, NYHA Ⅱ-Ⅲ, ①②, 37 ℃",
        "ordinary text, 12/80, it's fine",
    ],
)
def test_symbols_and_latin_letters_stay(text: str) -> None:
    assert covered(text) == []


def test_chinese_is_read_where_the_language_is_chinese() -> None:
    text = "患者王小明入院"
    assert covered(text, "zh") == []
    assert covered(text, "en") == [text]
    assert covered("患者 Иван 入院", "zh") == ["Иван"]


@pytest.mark.parametrize("unit", ["и", "и ", "и'", "\u03b1", "王", "и\u0301", "a и"])
def test_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    unread_spans(text, "en")
    assert time.process_time() - start < 3
