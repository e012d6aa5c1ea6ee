"""Writing that no detector reads is taken as an identifier; what medicine writes in symbols is not."""

import base64
import random
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


PACKED = base64.b64encode(b"Adaeze Okonjo, born 14 March 1956, 48 Larkmoor Street, Ellisburg 60614").decode()


@pytest.mark.parametrize(
    "packed",
    [
        PACKED,
        PACKED[:32],
        PACKED.replace("b", "-").replace("d", "_"),
        "416461657a65204f6b6f6e6a6f20313935",
        "416461657A65204F6B6F6E6A6F20313935",
    ],
)
def test_what_is_packed_is_an_identifier(packed: str) -> None:
    assert covered(f"Attached: {packed}, see there.") == [packed.rstrip("=") + "=" * packed.count("=")]


def test_packed_lines_belong_together_and_the_text_after_them_does_not() -> None:
    lines = "\n".join(PACKED[start : start + 40] for start in range(0, len(PACKED), 40))
    assert covered(f"Scan:\n{lines}\nPlan as above\n") == [lines]


@pytest.mark.parametrize("length", [15, 20, 33, 90, 300])
def test_whatever_is_in_it(length: int) -> None:
    rng = random.Random(length)
    for _ in range(100):
        packed = base64.b64encode(bytes(rng.randrange(32, 127) for _ in range(length))).decode()
        assert covered(packed) == [packed]


@pytest.mark.parametrize(
    "text",
    [
        "hydrochlorothiazide/triamterene/spironolactone, and/or/but/because/whichever",
        "CYP2D6/CYP2C19/CYP3A4/CYP1A2 and HHV6/HHV7/HSV1/HSV2/EBV/CMV and ALT/AST/ALP/GGT/LDH/BILI",
        "5/5/5/5/4/4/5/5/5/5, 120/80/78/97/36/18, q4h/q6h/q8h/q12h/q24h, T1N0M0/T2N1M0/T3N2M1",
        "Pneumonoultramicroscopicsilicovolcanoconiosis, PatientHasChestPainAndDyspneaToday",
        "metoprolol50mgtwicedailywithfood follow-up-in-two-weeks-time 2020/2021/2022/2023",
        "________________________ ======================= ++++++++++++++++++++ --------------------",
        "0000000000000000 1234567890123456 deadbeefdeadbeef",
    ],
)
def test_lists_and_long_words_are_not_packed(text: str) -> None:
    assert covered(text) == []


def test_chinese_is_read_where_the_language_is_chinese() -> None:
    text = "患者王小明入院"
    assert covered(text, "zh") == []
    assert covered(text, "en") == [text]
    assert covered("患者 Иван 入院", "zh") == ["Иван"]


@pytest.mark.parametrize(
    "unit", ["и", "и ", "и'", "\u03b1", "王", "и\u0301", "a и", "aB3", "A1/", "aB3aB3aB3aB3aB3aB3a\n", "f0"]
)
def test_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    unread_spans(text, "en")
    assert time.process_time() - start < 3
