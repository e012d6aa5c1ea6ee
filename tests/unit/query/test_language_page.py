"""docs/query-language.md is true: what it shows is read, what it calls refused is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf import json_format

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


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_shown_is_read(text: str) -> None:
    parse_query(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_called_refused_is_refused_with_advice(text: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        parse_query(text)
    assert refused.value.reason == "SQL_UNSUPPORTED"
    assert refused.value.violations[0].suggestion


def test_the_two_forms_of_the_first_question_are_one() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    message = json_format.Parse(text, query_pb2.Query())
    assert query_from_wire(message) == parse_query(SHOWN[0]).query
