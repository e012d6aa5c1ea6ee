"""The shape of a profile file, profiles/*.yaml, as a strict model.

Law: nothing is coerced and nothing unknown is accepted; words are checked in `profiles`, which knows them.
May import: policy models, pydantic.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.policy.models import Name, Number, Strict, Text

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Score = Annotated[Number, Field(ge=0, le=1)]


class ProfileFile(Strict):
    """profiles/*.yaml: what becomes of each type of identifier when a text is de-identified."""

    profile: Name
    title: Text
    description: str = ""
    legal_basis: Text
    languages: Annotated[list[Language], Field(min_length=1, max_length=50)]
    per_patient: bool
    threshold: Score
    thresholds: Annotated[dict[str, Score], Field(max_length=50)] = Field(default_factory=dict)
    methods: Annotated[dict[str, str], Field(min_length=1, max_length=50)]
