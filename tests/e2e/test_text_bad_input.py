"""Hostile texts through real workers with every detector: no crash, and no canary in what comes out."""

# ruff: noqa: RUF001 - texts in other scripts
from __future__ import annotations

import base64
import html
import unicodedata
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import date

import pytest
import pytest_asyncio

from gateway.adapters.text_pipelines import TextPipelines
from gateway.adapters.text_workers import TextWorkers
from gateway.domain.deid import (
    Deidentified,
    Document,
    HumanName,
    Identifier,
    IdentifierType,
    Outcome,
    PatientRecord,
    Withheld,
)
from gateway.policy.profiles import choose, shipped_profiles

CANARIES = ("Zelenkadze", "48291376", "3125550147")
RECORD = PatientRecord(
    names=(HumanName(given=("Tamunobelema",), family=("Zelenkadze",)),),
    birth_date=date(1951, 8, 23),
    phones=("312-555-0147",),
    identifiers=(Identifier(type=IdentifierType.MRN, value="48291376"),),
)
NOTE = (
    "The patient Tamunobelema Zelenkadze (MRN 48291376) came with chest pain and was treated with aspirin.\n"
    "Call 312-555-0147 with questions. Mr. Zelenkadze agrees with the plan.\n"
)
SAFE_HARBOR = choose(shipped_profiles(), "safe-harbor")


def between(sign: str) -> Callable[[str], str]:
    """The sign after every second character of each canary, as a writer of spam would put it."""

    def hide(text: str) -> str:
        for canary in ("Zelenkadze", "48291376", "312-555-0147"):
            pairs = [canary[at : at + 2] for at in range(0, len(canary), 2)]
            text = text.replace(canary, sign.join(pairs))
        return text

    return hide


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def rtf(text: str) -> str:
    body = text.replace("Zelenkadze", r"Zel\b enkadze\b0 ").replace("\n", "\\par\n")
    return r"{\rtf1\ansi\deff0 {\fonttbl{\f0 Arial;}}" + body + "}"


HOSTILE: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "zero-width space": between("\u200b"),
    "zero-width joiner": between("\u200d"),
    "soft hyphen": between("\u00ad"),
    "byte order mark": between("\ufeff"),
    "right-to-left override": between("\u202e"),
    "NUL": lambda text: text.replace(" ", "\0 "),
    "full width": full_width,
    "digits of Arabic": lambda text: text.translate({48 + d: 0x660 + d for d in range(10)}),
    "HTML entities": lambda text: (
        "<p>" + "".join(f"&#{ord(c)};" if c.isalpha() else c for c in text) + "</p>"
    ),
    "HTML tags": lambda text: html.escape(text).replace("Zelenkadze", "Zelen<b>kadze</b>"),
    "RTF": rtf,
    "capitals": str.upper,
    "small letters": str.lower,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "accents apart": lambda text: unicodedata.normalize("NFD", text.replace("Zelenkadze", "Zelénkadze")),
    "no spaces after signs": lambda text: text.replace(", ", ",").replace(". ", "."),
    "one long line": lambda text: text.replace("\n", " ") * 60,
    "base64 beside": lambda text: text + base64.b64encode(text.encode() * 4).decode() + "\nPlan unchanged.\n",
    "lines in the name": lambda text: text.replace("Tamunobelema Zelenkadze", "Tamunobelema\nZelenkadze"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[TextWorkers]:
    pool = TextWorkers(TextPipelines(b""), workers=1)
    await pool.start([SAFE_HARBOR])
    yield pool
    await pool.close()


def plain(text: str) -> str:
    """A text as an attacker would tidy it up: entities, forms, invisible signs, accents and blanks undone."""
    text = unicodedata.normalize("NFKD", html.unescape(text))
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    return "".join(c for c in text if c.isalnum() and unicodedata.category(c) not in ("Cf", "Mn")).casefold()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.asyncio(loop_scope="module")
async def test_no_canary_comes_through(name: str, workers: TextWorkers) -> None:
    text = HOSTILE[name](NOTE)
    outcome = (await workers.deidentify([Document(id="n1", text=text, record=RECORD)], SAFE_HARBOR))[0]
    assert isinstance(outcome, Deidentified), outcome
    assert all(canary.casefold() in plain(NOTE) for canary in CANARIES)
    assert not [canary for canary in CANARIES if canary.casefold() in plain(outcome.text)]
    assert all(0 <= span.start < span.end <= len(text) for span in outcome.spans)
    assert "chestpain" in plain(outcome.text)  # what identifies nobody stays


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Zelenkadze \ud800 came", "INVALID_UTF8"),
        ("Пациент Зеленкадзе поступил в клинику с болью в груди.", "LANGUAGE_UNSUPPORTED"),
        ("x" * (17 << 20), "TOO_LARGE"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_searched_is_withheld(text: str, reason: str, workers: TextWorkers) -> None:
    fine = Document(id="n2", text="The patient is well.")
    outcomes: list[Outcome] = await workers.deidentify([Document(id="n1", text=text), fine], SAFE_HARBOR)
    assert outcomes[0] == Withheld(id="n1", reason=reason)
    assert isinstance(outcomes[1], Deidentified)


@pytest.mark.asyncio(loop_scope="module")
async def test_empty_and_blank_texts_pass(workers: TextWorkers) -> None:
    texts = ["", " ", "\n\n", "\u200b"]
    documents = [Document(id=str(number), text=text) for number, text in enumerate(texts)]
    outcomes = await workers.deidentify(documents, SAFE_HARBOR)
    assert [asdict(outcome)["text"] for outcome in outcomes] == texts
