"""How a source file's columns and texts become a dataset's: read by the ingest, never by a query.

Law: a pure function of the dataset files; nothing is learnt from data.
May import: policy load, datasets and faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    """The column's name in the source file, and the value that each listed source text stands for.

    A text that is not listed stands for itself. Truth values are written `true` and `false`.
    """

    source: str
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMapping:
    """One dataset's source: the texts that mean missing, and every column by its name in the dataset."""

    dataset: str
    nulls: frozenset[str]
    columns: Mapping[str, SourceColumn]


def source_mappings(files: Mapping[str, bytes]) -> dict[str, SourceMapping]:
    """The source mapping of each dataset, by name, from policy files by relative path.

    Files outside `datasets/` and `populations/` are not read. Raises `PolicyInvalid` with every fault.
    """
    faults = Faults()
    chosen = {path: files[path] for path in files if path.startswith(("datasets/", "populations/"))}
    loaded = load(chosen, faults)
    dataset_words(loaded, population_words(loaded), faults)
    faults.raise_any()
    return {
        name: SourceMapping(
            dataset=name,
            nulls=frozenset(source.model.nulls),
            columns={
                column: SourceColumn(source=model.source_name or column, mapping=dict(model.source_map))
                for column, model in source.model.columns.items()
            },
        )
        for name, source in sorted(loaded.datasets.items())
    }
