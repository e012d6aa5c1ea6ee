"""Policy files -> file models: every file read, every fault collected, in our own words.

Law: no fault hides another; a file with a fault still lends its name, so that files which refer to it are
not blamed. The files come in as bytes by relative path; `*_test.yaml` and `*.md` are not policies.
May import: errors, yamlio, policy models and faults, pydantic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.errors import PolicyInvalid, Violation
from gateway.policy.agreement_models import AgreementFile
from gateway.policy.faults import Faults, closest
from gateway.policy.models import DatasetFile, Kind, PartyFile, PopulationFile
from gateway.policy.profile_models import ProfileFile
from gateway.yamlio import Document, Path, read

FOLDERS: Mapping[str, Kind] = {
    "populations": "population",
    "datasets": "dataset",
    "parties": "party",
    "agreements": "agreement",
    "profiles": "profile",
}

# What a model can object to, by pydantic's stable error types, in our words.
WORDING: Mapping[str, str] = {
    "missing": "the field '{field}' is missing",
    "extra_forbidden": "unknown field '{field}'",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a block of fields",
    "model_type": "must be a block of fields",
    "model_attributes_type": "must be a block of fields",
    "too_short": "must not be empty",
    "too_long": "has too many items",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "own_number": "must be a number",
    "own_date": "must be a date that exists",
    "own_lifetime": "must be a cap or the word unlimited",
}
ADVICE: Mapping[str, str] = {
    "string_type": "text that looks like a number is written in quotes",
    "own_date": "write it as 2026-01-31",
    "own_lifetime": "{epsilon: ..., delta: ...} or unlimited",
}

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[M]):
    """One file that fits its model: where things stand, what it says, and SHA-256 (hex) of its bytes."""

    document: Document
    model: M
    digest: str


@dataclass(slots=True, kw_only=True)
class Loaded:
    """The files by kind and name. `names` also holds the names of files that have faults."""

    populations: dict[str, Source[PopulationFile]] = field(default_factory=dict)
    datasets: dict[str, Source[DatasetFile]] = field(default_factory=dict)
    parties: dict[str, Source[PartyFile]] = field(default_factory=dict)
    agreements: dict[str, Source[AgreementFile]] = field(default_factory=dict)
    profiles: dict[str, Source[ProfileFile]] = field(default_factory=dict)
    names: dict[Kind, set[str]] = field(default_factory=dict)

    def known(self, kind: Kind, name: str) -> bool:
        return name in self.names.get(kind, set())


def load(files: Mapping[str, bytes], faults: Faults) -> Loaded:
    """Read every policy file, in the order of the paths; what is wrong goes to `faults`."""
    loaded = Loaded()
    for path in sorted(files):
        if path.endswith(("_test.yaml", ".md")):
            continue
        kind = _kind(path, faults)
        if kind == "population":
            _file(path, files[path], kind, PopulationFile, loaded.populations, loaded, faults)
        elif kind == "dataset":
            _file(path, files[path], kind, DatasetFile, loaded.datasets, loaded, faults)
        elif kind == "party":
            _file(path, files[path], kind, PartyFile, loaded.parties, loaded, faults)
        elif kind == "agreement":
            _file(path, files[path], kind, AgreementFile, loaded.agreements, loaded, faults)
        elif kind == "profile":
            _file(path, files[path], kind, ProfileFile, loaded.profiles, loaded, faults)
    return loaded


def _kind(path: str, faults: Faults) -> Kind | None:
    """The kind of a file from its folder; a file that would silently not count is a fault."""
    folder, _, name = path.rpartition("/")
    if folder in FOLDERS and name.endswith(".yaml"):
        return FOLDERS[folder]
    if folder in FOLDERS:
        description, suggestion = "not a policy file", "its name must end in .yaml"
    else:
        description = "not in a folder of policies"
        suggestion = closest(folder, FOLDERS)
    faults.add([Violation(file=path, line=1, column=1, description=description, suggestion=suggestion)])
    return None


def _file(
    path: str,
    content: bytes,
    kind: Kind,
    model: type[M],
    into: dict[str, Source[M]],
    loaded: Loaded,
    faults: Faults,
) -> None:
    names = loaded.names.setdefault(kind, set())
    try:
        document = read(content, path)
    except PolicyInvalid as invalid:
        faults.add(invalid.violations)
        names.add(PurePosixPath(path).stem)
        return
    name = document.value.get(kind) if isinstance(document.value, dict) else None
    if isinstance(name, str) and name in names:
        faults.at(document, (kind,), f"the {kind} '{name}' is defined in two files", "names are unique")
        return
    names.add(name if isinstance(name, str) else PurePosixPath(path).stem)
    fitted = validate(document, model, faults)
    if fitted is not None and isinstance(name, str):
        into[name] = Source(document=document, model=fitted, digest=hashlib.sha256(content).hexdigest())


def validate(document: Document, model: type[M], faults: Faults) -> M | None:
    """The document as a model, or None with every misfit positioned in `faults`."""
    try:
        return model.model_validate(document.value)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
    for error in errors:
        _misfit(document, model, error, faults)
    return None


def _misfit(document: Document, model: type[BaseModel], error: Any, faults: Faults) -> None:
    kind = error["type"]
    on_key = bool(error["loc"]) and error["loc"][-1] == "[key]"
    path: Path = tuple(error["loc"][:-1]) if on_key else tuple(error["loc"])
    context = error.get("ctx", {})
    last = str(path[-1]) if path else "file"
    if kind == "extra_forbidden":
        suggestion = closest(last, _fields(model, path[:-1]))
        faults.at_key(document, path, f"unknown field '{last}'", suggestion)
    elif kind == "missing":
        faults.at(document, path[:-1], f"the field '{last}' is missing")
    elif kind == "own_choice":
        _unknown_word(document, path, context["options"].split(), faults)
    elif kind == "string_pattern_mismatch":
        where = faults.at_key if on_key else faults.at
        where(document, path, f"{_shown(path, last)} is not well formed", _form(context["pattern"]))
    else:
        wording = WORDING.get(kind, "does not fit").format_map(_Context(context))
        faults.at(document, path, f"{_shown(path, last)} {wording}", ADVICE.get(kind, ""))


class _Context(dict[str, Any]):
    """Bounds of a model in a sentence; numbers are written as people write them."""

    def __missing__(self, key: str) -> str:
        return "its limit"


def _shown(path: Path, last: str) -> str:
    """How a value is called in a message: an item of a list by the name of its list."""
    if path and isinstance(path[-1], int):
        named = [part for part in path if isinstance(part, str)]
        return f"item {path[-1] + 1} of '{named[-1]}'" if named else f"item {path[-1] + 1}"
    return f"'{last}'" if path else "the file"


def _unknown_word(document: Document, path: Path, options: list[str], faults: Faults) -> None:
    value = _value(document, path)
    shown = f"'{value[:60]}'" if isinstance(value, str) else "this"
    named = [part for part in path if isinstance(part, str)]
    suggestion = closest(value if isinstance(value, str) else "", options)
    faults.at(document, path, f"{shown} is not a known word for '{named[-1]}'", suggestion)


def _value(document: Document, path: Path) -> object:
    value: Any = document.value
    for part in path:
        value = value[part]
    return value


def _form(pattern: str) -> str:
    """A name's permitted form in words; the patterns are those of `models`."""
    forms = {
        r"^[a-z0-9][a-z0-9-]{0,62}$": "lower-case letters, digits, hyphens; at most 63",
        r"^[a-z][a-z0-9_]{0,62}$": "lower-case letters, digits, underscores; at most 63",
        r"^[A-Z][A-Za-z]{1,62}$": "letters, the first a capital",
        r"^[a-z]{2,3}$": "a language as two or three lower-case letters, such as en",
        r"^[0-9a-f]{64}$": "64 lower-case hexadecimal digits",
        r"^\S(.*\S)?$": "no space at the beginning or end, one line",
    }
    return forms.get(pattern, "")


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The names that the model at a path inside a model knows, as they are written in files."""
    current: Any = model
    for part in path:
        current = _step(current, part)
        if current is None:
            return []
    found = _model(current)
    return [field.alias or name for name, field in found.model_fields.items()] if found else []


def _step(annotation: Any, part: str | int) -> Any:
    """The type of one part of a value: a field of a model, an item of a list, a value of a dict."""
    found = _model(annotation)
    if found is not None:
        for name, info in found.model_fields.items():
            if (info.alias or name) == part:
                return info.annotation
        return None
    for plain in _alternatives(annotation):
        if get_origin(plain) is list:
            return get_args(plain)[0]
        if get_origin(plain) is dict:
            return get_args(plain)[1]
    return None


def _model(annotation: Any) -> type[BaseModel] | None:
    for plain in _alternatives(annotation):
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            return plain
    return None


def _alternatives(annotation: Any) -> Iterator[Any]:
    """A type without `Annotated` and `Optional` around it."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            yield from _alternatives(option)
    else:
        yield annotation
