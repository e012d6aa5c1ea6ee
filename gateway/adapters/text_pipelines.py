"""What makes the pipelines of the text workers: small enough to travel to them, heavy only there.

Law: the process that hands it out loads no detector; the site's key is all that it carries.
May import: the standard library, domain.deid, the siblings text_worker and, in the worker,
presidio_text and text_models.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from gateway.adapters.text_worker import Pipeline
from gateway.domain.deid import Profile


@dataclass(frozen=True, slots=True)
class TextPipelines:
    """Makes a profile's pipeline. `key` is the site's key of de-identification, or empty."""

    key: bytes = field(repr=False)

    def __call__(self, profile: Profile) -> Pipeline:
        """Load the detectors, in the worker. Raises what they raise; the worker is then not to be had."""
        detectors = importlib.import_module("gateway.adapters.presidio_text")
        models = importlib.import_module("gateway.adapters.text_models")
        read = models.text_models(profile.languages)
        return cast("Pipeline", detectors.TextPipeline(profile, self.key, read, year=_year))


def _year() -> int:
    return datetime.now(UTC).year
