"""Dataset files -> how FHIR resources become their rows. The joint of policy files and source paths.

Law: a pure function of the files' bytes. Every path is read here, before anything is ingested, and every
fault is positioned in its file.
May import: errors, domain words, policy (load, faults, models, datasets), sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gateway.errors import PolicyInvalid
from gateway.policy.faults import Faults
from gateway.policy.load import Loaded, Source, load
from gateway.policy.models import DatasetFile, FhirModel, FhirRowsModel
from gateway.sources.fhirpath import parse_criterion, parse_path
from gateway.sources.words import Criterion, FhirTable, Path, RowForm
from gateway.yamlio import Document
from gateway.yamlio import Path as Place

T = TypeVar("T")
NO_ROWS_OF_ITS_OWN = FhirRowsModel()  # one row for each resource


def fhir_tables(files: Mapping[str, bytes]) -> dict[str, FhirTable]:
    """The mapping of each dataset that has one, by name, from policy files by relative path.

    Raises `PolicyInvalid` with every fault of the dataset files.
    """
    faults = Faults()
    loaded = load({path: files[path] for path in files if path.startswith("datasets/")}, faults)
    tables = mapped(loaded, faults)
    faults.raise_any()
    return tables


def mapped(loaded: Loaded, faults: Faults) -> dict[str, FhirTable]:
    """The mapping of each loaded dataset that has one; what is wrong goes to `faults`."""
    return {
        name: _Mapping(document=source.document, faults=faults).table(source, source.model.fhir)
        for name, source in sorted(loaded.datasets.items())
        if source.model.fhir is not None
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapping:
    """Reads the paths of one file; one that cannot be read is a fault and finds nothing."""

    document: Document
    faults: Faults

    def table(self, source: Source[DatasetFile], fhir: FhirModel) -> FhirTable:
        place: Place = ("fhir",)
        forms = fhir.rows or [NO_ROWS_OF_ITS_OWN]
        return FhirTable(
            dataset=source.model.dataset,
            resource=fhir.resource,
            row_key=source.model.row_key,
            where=self._criterion(fhir.where, (*place, "where")),
            columns=self._columns(fhir.columns, (*place, "columns")),
            forms=tuple(self._form(form, (*place, "rows", i)) for i, form in enumerate(forms)),
        )

    def _form(self, form: FhirRowsModel, place: Place) -> RowForm:
        return RowForm(
            each=None if form.each is None else self._read(parse_path, form.each, (*place, "each")) or (),
            where=self._criterion(form.where, (*place, "where")),
            columns=self._columns(form.columns, (*place, "columns")),
        )

    def _columns(self, columns: Mapping[str, list[str]], place: Place) -> dict[str, tuple[Path, ...]]:
        return {
            name: tuple(self._path(text, (*place, name), i) for i, text in enumerate(texts))
            for name, texts in columns.items()
        }

    def _path(self, text: str, place: Place, number: int) -> Path:
        in_list = (*place, number) in self.document.places
        return self._read(parse_path, text, (*place, number) if in_list else place) or ()

    def _criterion(self, text: str | None, place: Place) -> Criterion | None:
        return None if text is None else self._read(parse_criterion, text, place)

    def _read(self, parse: Callable[[str], T], text: str, place: Place) -> T | None:
        try:
            return parse(text)
        except PolicyInvalid as invalid:
            for fault in invalid.violations:
                at = (fault.line, fault.column)
                self.faults.in_text(self.document, place, at, fault.description, fault.suggestion)
            return None  # nothing compiles after a fault
