"""What a `Recovered` entry says: how a journal that was restored from a backup came to serve again.

Law: entries after the backup are lost, and with them what they spent. Either somebody claims that there were
none (`newest`, on the strength of a head known from elsewhere), or every account counts as spent to its cap
in the period that is open (`spent`). An amount only ever raises a balance.
Imports: the standard library, domain words, audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from gateway.audit.bodies import SPENT, loss_json
from gateway.domain.entry import EntryKind, Json, Note
from gateway.domain.privacy import PrivacyLoss

MOST_ACCOUNTS = 200  # in one entry: at most 50 KiB of its 64


def recovered_notes(
    claim: str, head: str, amounts: Mapping[tuple[str, str], PrivacyLoss], by: str
) -> list[Note]:
    """The entries that record a recovery, one or several; `head` is the newest leaf hash that was restored.

    `by` says who did it, as far as the machine knows: `uid:0`.
    """
    listed: list[Json] = [
        {"account": account, "period": period, **loss_json(loss)}
        for (account, period), loss in sorted(amounts.items())
    ]
    parts = max(1, ceil(len(listed) / MOST_ACCOUNTS))
    return [
        Note(
            kind=EntryKind.RECOVERED,
            outcome=claim,
            body={
                "claim": claim,
                "head": head,
                "by": by,
                "accounts": listed[part * MOST_ACCOUNTS : (part + 1) * MOST_ACCOUNTS],
                "part": part + 1,
                "parts": parts,
            },
        )
        for part in range(parts)
    ]


def whole(body: Mapping[str, Json]) -> bool:
    """Whether this entry ends a recovery that must have spent every open period."""
    return body.get("claim") == SPENT and body.get("part") == body.get("parts")
