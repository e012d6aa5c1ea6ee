"""docs/query-language.md is true: what it shows is read, what it calls refused is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf import json_format

from gateway.domain.limits import MAX_COHORTS, MAX_DAYS, MAX_EDGES, MAX_KEYS, MAX_MEASURES
from gateway.errors import InvalidQuery
from gateway.query.sql import parse_query
from gateway.query.words import MAX_BYTES, MAX_TOKENS
from gateway.v1 import query_pb2
from gateway.wire import query_from_wire

PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
REFUSED = re.findall(r"^\| `(SELECT [^`]*)` \|", PAGE, re.MULTILINE)


def test_the_page_has_examples() -> None:
    assert len(SHOWN) >= 6
    assert len(REFUSED) >= 15
    assert f"{MAX_TOKENS:,} words" in PAGE
    assert f"{MAX_BYTES // 1024} KiB" in PAGE
    assert f"{MAX_COHORTS} cohorts" in PAGE
    assert f"at most {MAX_EDGES}" in PAGE
    assert f"{MAX_DAYS:,} either way" in PAGE
    assert f"At most {MAX_MEASURES} measures and {MAX_KEYS} keys" in PAGE


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_shown_is_read(text: str) -> None:
    parse_query(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_called_refused_is_refused_with_advice(text: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        parse_query(text)
    assert refused.value.reason == "SQL_UNSUPPORTED"
    assert refused.value.violations[0].suggestion


PAIRS = re.findall(r"```sql\n([^`]*)```[^`]*```json\n([^`]*)```", PAGE)


def test_both_forms_are_shown() -> None:
    assert len(PAIRS) == len(re.findall("```json", PAGE)) >= 2


@pytest.mark.parametrize(("sql", "message"), PAIRS)
def test_the_two_forms_that_are_shown_are_one(sql: str, message: str) -> None:
    read = query_from_wire(json_format.Parse(message, query_pb2.Query()))
    assert read == parse_query(sql).query


@pytest.mark.parametrize(
    "form", ["IN (SELECT", "HAVING", "INTERVAL", "AGE(", "BAND(", "PROPORTION(", "CLAMP("]
)
def test_every_form_is_shown(form: str) -> None:
    assert any(form in text for text in SHOWN)
