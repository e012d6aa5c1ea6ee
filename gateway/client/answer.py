"""Answers as a partner reads them: figures with intervals, what they cost, where they are recorded.

Law: a suppressed figure has neither value nor interval in any form. May import: gateway.v1, errors; Arrow,
pandas and Polars only when one of them is asked for.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from gateway.errors import ConfigInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A privacy loss as shown: `rho` and `delta` exact decimals as text, `epsilon` for reading only."""

    rho: str
    delta: str
    epsilon: float

    def to_dict(self) -> dict[str, Any]:
        return {"rho": self.rho, "delta": self.delta, "epsilon": self.epsilon}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """One account in one period. `cap` and `remaining` are None where it is unlimited.

    `refills_at` is RFC 3339, empty for a lifetime; `spent_percent` is of the cap.
    """

    account: str
    population: str
    period: str
    cap: Cost | None
    spent: Cost
    remaining: Cost | None
    spent_percent: float
    refills_at: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "population": self.population,
            "period": self.period,
            "cap": self.cap and self.cap.to_dict(),
            "spent": self.spent.to_dict(),
            "remaining": self.remaining and self.remaining.to_dict(),
            "spent_percent": self.spent_percent,
            "refills_at": self.refills_at,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an answer. `unit` is UCUM, empty for keys and counts.

    `kind` is what a measure is, such as `mean`; empty for keys. A `proportion` is a figure from 0 to 1.
    """

    name: str
    is_key: bool
    unit: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measure in one cell: its value and 95 % interval (None where suppressed), sigma of the noise."""

    value: float | None
    low: float | None
    high: float | None
    sigma: float
    suppressed: bool

    def to_dict(self) -> dict[str, Any]:
        return {part: getattr(self, part) for part in FIGURE_PARTS}


FIGURE_PARTS = ("value", "low", "high", "sigma", "suppressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where the access is recorded in the site's journal: entry id, number from 0, RFC 6962 leaf hash."""

    entry: str
    index: int
    leaf_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One release. Each row holds a label per key column, then a `Figure` per measure, in column order."""

    release: str
    replayed: bool
    loss: Cost
    balance: Remaining
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Figure, ...], ...]
    snapshot: str
    max_groups: int
    max_rows: int
    receipt: Receipt
    obligations: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values; each row maps key columns to labels and measures to figures."""
        return {
            "release": self.release,
            "replayed": self.replayed,
            "loss": self.loss.to_dict(),
            "balance": self.balance.to_dict(),
            "columns": [
                {"name": c.name, "role": "key" if c.is_key else "measure", "unit": c.unit, "kind": c.kind}
                for c in self.columns
            ],
            "rows": [
                {
                    column.name: cell if isinstance(cell, str) else cell.to_dict()
                    for column, cell in zip(self.columns, row, strict=True)
                }
                for row in self.rows
            ],
            "snapshot": self.snapshot,
            "contribution": {"max_groups": self.max_groups, "max_rows": self.max_rows},
            "obligations": list(self.obligations),
            "entry": self.receipt.entry,
            "receipt": {
                "entry": self.receipt.entry,
                "index": self.receipt.index,
                "leaf_hash": self.receipt.leaf_hash,
            },
        }

    def to_columns(self) -> dict[str, list[Any]]:
        """Flat columns: one per key; per measure `name, name_low, name_high, name_sigma, name_suppressed`."""
        flat: dict[str, list[Any]] = {}
        for place, column in enumerate(self.columns):
            cells = [row[place] for row in self.rows]
            if column.is_key:
                flat[column.name] = cells
                continue
            for part in FIGURE_PARTS:
                title = column.name if part == "value" else f"{column.name}_{part}"
                flat[title] = [getattr(cell, part) for cell in cells]
        return flat

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`. Raises ConfigInvalid EXTRA_MISSING without pyarrow."""
        arrow = _library("pyarrow")
        types = {"label": arrow.string(), "number": arrow.float64(), "flag": arrow.bool_()}
        return arrow.table(
            {
                name: arrow.array(cells, type=types[kind])
                for (name, cells), kind in zip(self.to_columns().items(), self._kinds(), strict=True)
            }
        )

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`. Raises ConfigInvalid EXTRA_MISSING without pandas."""
        pandas = _library("pandas")
        types = {"label": "object", "number": "float64", "flag": "bool"}
        return pandas.DataFrame(
            {
                name: pandas.Series(cells, dtype=types[kind])
                for (name, cells), kind in zip(self.to_columns().items(), self._kinds(), strict=True)
            }
        )

    def to_polars(self) -> Any:
        """A `polars.DataFrame`. Raises ConfigInvalid EXTRA_MISSING without polars."""
        polars = _library("polars")
        types = {"label": polars.String, "number": polars.Float64, "flag": polars.Boolean}
        columns = self.to_columns()
        schema = {name: types[kind] for name, kind in zip(columns, self._kinds(), strict=True)}
        return polars.DataFrame(columns, schema=schema)

    def _kinds(self) -> list[str]:
        kinds: list[str] = []
        for column in self.columns:
            kinds += ["label"] if column.is_key else ["number"] * 4 + ["flag"]
        return kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The expected error of one measure: `half_width` of the 95 % interval.

    For a mean or a proportion a `curve` over n, the values or patients of a cell. `kind` as in a Column.
    """

    name: str
    sigma: float
    half_width: float
    share_percent: float
    curve: tuple[tuple[int, float], ...]
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a question would cost and how exact its answer would be; computed without touching data.

    `warnings` say in words what would bias the answer, and what to do about it.
    """

    loss: Cost
    share_of_remaining_percent: float
    affordable: bool
    measures: tuple[Expected, ...]
    cells: int
    max_groups: int
    max_rows: int
    balance: Remaining
    explanation: str
    obligations: tuple[str, ...]
    suppressed_below: float
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The estimate as plain values."""
        return {
            "loss": self.loss.to_dict(),
            "share_of_remaining_percent": self.share_of_remaining_percent,
            "affordable": self.affordable,
            "measures": [
                {
                    "name": m.name,
                    "sigma": m.sigma,
                    "half_width": m.half_width,
                    "share_percent": m.share_percent,
                    "kind": m.kind,
                    "curve": [{"n": n, "half_width": width} for n, width in m.curve],
                }
                for m in self.measures
            ],
            "cells": self.cells,
            "contribution": {"max_groups": self.max_groups, "max_rows": self.max_rows},
            "balance": self.balance.to_dict(),
            "explanation": self.explanation,
            "obligations": list(self.obligations),
            "suppressed_below": self.suppressed_below,
            "warnings": list(self.warnings),
        }


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise ConfigInvalid(f"{name} is not installed: pip install {name}", reason="EXTRA_MISSING") from None
