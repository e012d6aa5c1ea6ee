"""The warning that bounding will bias an answer, from public numbers alone.

Law: a function of the query and of declared bounds; the same on two sites with the same files.
Imports: domain words, and this room's phrases.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.query import Band, Grouping, Truncated, grouping_name
from gateway.query.phrases import listed_words


def bounding_warning(reach: int, max_groups: int, keys: Sequence[Grouping]) -> str | None:
    """What a patient in more groups than are kept does to the answer, and what helps; None: it cannot be.

    `reach` is how many groups one patient can fall into, `max_groups` how many of them are kept.
    """
    if reach <= max_groups or not keys:
        return None
    names = listed_words([grouping_name(key) for key in keys])
    kept = "1 group" if max_groups == 1 else f"{max_groups:,} groups"
    return (
        f"One patient can fall into {reach:,} groups of {names}, and counts in at most {kept}: the rows of "
        "patients with more are left out in part. Counts and sums come out too low, means and shares may "
        f"shift, and no interval covers that. {_remedies(reach, keys)}"
    )


def _remedies(reach: int, keys: Sequence[Grouping]) -> str:
    """The advised ones first; a larger bound is always possible, and always costs."""
    remedies = [f"a shorter range of {key.name}" for key in keys if isinstance(key, Truncated)]
    remedies += [f"fewer edges of {key.name}" for key in keys if isinstance(key, Band)]
    if len(keys) > 1:
        remedies.append("fewer keys")
    remedies.append(f"a larger max_groups (up to {reach:,}), which means more noise for the same loss")
    return f"What helps: {listed_words(remedies, 'or')}."
