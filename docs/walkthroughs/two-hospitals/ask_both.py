"""The partner's side: one question to both hospitals, the answers beside each other and added up.

The noises are independent, so that their variances add: the sigma of the sum is the root of the sum of
squares, and its interval reaches 1.96 sigma to either side. Where one hospital's cell is suppressed there is
no sum. Run as `python docs/walkthroughs/two-hospitals/ask_both.py KEYS SHARE SQL HOST:PORT=SITE ...`.
Imports: the gateway's client, the standard library.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import hypot

from gateway.client import Answer, Gateway
from gateway.client.answer import Figure

AGREEMENT, PURPOSE = "two-hospitals-research", "HRESCH"
Z = 1.959964  # of a normal distribution, 95 % within


def ask(keys: str, share: str, sql: str, places: Sequence[str]) -> dict[str, Answer]:
    """The answers by site. The same question, paid for at each."""
    answers = {}
    for place in places:
        address, _, site = place.partition("=")
        with Gateway(address, keys, agreement=AGREEMENT, purpose=PURPOSE, site=site) as gateway:
            answers[site] = gateway.query(sql, share=share)
    return answers


def added(figures: Sequence[Figure]) -> Figure:
    """The sum of counts from different hospitals, with its interval."""
    values = [figure.value for figure in figures if figure.value is not None]
    sigma = hypot(*(figure.sigma for figure in figures))
    if len(values) < len(figures):
        return Figure(value=None, low=None, high=None, sigma=sigma, suppressed=True)
    total, reach = sum(values), Z * sigma
    return Figure(value=total, low=total - reach, high=total + reach, sigma=sigma, suppressed=False)


def lines(answers: dict[str, Answer]) -> list[list[str]]:
    """Header and rows: the key, each hospital's figure, their sum. Rows that nobody shows are left out."""
    first = next(iter(answers.values()))
    table = [[first.columns[0].name, *answers, "both"]]
    for rows in zip(*(answer.rows for answer in answers.values()), strict=True):
        label, figures = str(rows[0][0]), [row[1] for row in rows if isinstance(row[1], Figure)]
        if not all(figure.suppressed for figure in figures):
            table.append([label, *map(_shown, [*figures, added(figures)])])
    return table


def _shown(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "suppressed"
    return f"{figure.value:,.0f} [{figure.low:,.0f}, {figure.high:,.0f}]"


def main() -> None:
    """Ask, and print the table."""
    keys, share, sql, *places = sys.argv[1:]
    table = lines(ask(keys, share, sql, places))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["─" * width for width in widths])
    text = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    sys.stdout.write("\n".join(line.rstrip() for line in text) + "\n\n")


if __name__ == "__main__":
    main()
