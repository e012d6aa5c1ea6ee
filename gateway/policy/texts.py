"""What a dataset file says of its notes or identities -> catalogue words, with their checks.

Law: a population has at most one table of identities, and it is never that of the patients' attributes,
which can be asked about.
May import: domain words, yamlio, policy models, load and faults.
"""

from __future__ import annotations

from gateway.domain.catalog import ColumnType, IdentityRole, NoteColumns
from gateway.policy.faults import Faults, closest
from gateway.policy.load import Loaded
from gateway.policy.models import DatasetFile, NotesModel
from gateway.yamlio import Document

TAGS = (ColumnType.CODE, ColumnType.CATEGORY)
DAYS = (IdentityRole.BIRTH_DATE, IdentityRole.DATE)
WORDS = (ColumnType.TEXT, ColumnType.CODE, ColumnType.CATEGORY, ColumnType.IDENTIFIER)


def note_columns(model: NotesModel | None) -> NoteColumns | None:
    """The columns of notes; None where the dataset holds none."""
    if model is None:
        return None
    return NoteColumns(text=model.text, language=model.language or "", spoken=model.spoken or "")


def check_texts(document: Document, dataset: DatasetFile, faults: Faults) -> None:
    """Notes have a text; identities have columns of fitting types; no dataset is both."""
    if dataset.notes is not None:
        _check_column(document, dataset, "text", dataset.notes.text, (ColumnType.TEXT,), faults)
        if dataset.notes.language is not None:
            _check_column(document, dataset, "language", dataset.notes.language, TAGS, faults)
        if dataset.identities is not None:
            faults.at_key(document, ("identities",), "a dataset of notes holds no identities")
    for name, role in (dataset.identities or {}).items():
        column = dataset.columns.get(name)
        if column is None:
            suggestion = closest(name, dataset.columns)
            faults.at_key(document, ("identities", name), f"there is no column '{name}'", suggestion)
        elif column.type not in ((ColumnType.DATE,) if role in DAYS else WORDS):
            description = f"a column of type {column.type} holds no {role}"
            faults.at(document, ("identities", name), description)


def check_identities(loaded: Loaded, faults: Faults) -> None:
    """One table of identities to a population, and not the one that questions reach."""
    first: dict[str, str] = {}
    for name, source in sorted(loaded.datasets.items()):
        if source.model.identities is None:
            continue
        population = source.model.population
        if population in first:
            description = f"the identities of '{population}' stand in dataset '{first[population]}' already"
            faults.at_key(source.document, ("identities",), description)
        first.setdefault(population, name)
        found = loaded.populations.get(population)
        if found is not None and found.model.patients is not None and found.model.patients.dataset == name:
            description = "the table of the patients' attributes can be asked about, and holds no identities"
            faults.at_key(source.document, ("identities",), description, "keep them in a table of their own")


def _check_column(
    document: Document,
    dataset: DatasetFile,
    field: str,
    name: str,
    types: tuple[ColumnType, ...],
    faults: Faults,
) -> None:
    fitting = [column for column, declared in dataset.columns.items() if declared.type in types]
    if name not in dataset.columns:
        faults.at(document, ("notes", field), f"there is no column '{name}'", closest(name, fitting))
    elif name not in fitting:
        words = " or ".join(types)
        faults.at(document, ("notes", field), f"column '{name}' must have the type {words}")
