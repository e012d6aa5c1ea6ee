"""Profile files -> profiles: what becomes of each type of identifier, and those that are shipped.

Law: a method that does not fit its type never compiles; a type that a file does not name is redacted.
May import: domain words, errors, yamlio, shipped, policy models, load and faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.domain.deid import IdentifierType, Method, Profile
from gateway.errors import NotFound, PolicyInvalid
from gateway.policy.faults import Faults, closest
from gateway.policy.load import Loaded, Source, load
from gateway.policy.profile_models import ProfileFile
from gateway.shipped import shipped
from gateway.yamlio import Path

# These methods read what the text means, so they fit one type alone; all others fit every type but:
ONLY_FOR: Mapping[Method, IdentifierType] = {
    Method.SHIFT: IdentifierType.DATE,
    Method.YEAR: IdentifierType.DATE,
    Method.ZIP3: IdentifierType.ZIP,
    Method.AGE90: IdentifierType.AGE,
}
# A made-up date or age beside true ones would read as a finding: dates are shifted, ages are generalised.
NEVER_FOR: Mapping[Method, frozenset[IdentifierType]] = {
    Method.SURROGATE: frozenset({IdentifierType.DATE, IdentifierType.AGE}),
}


def fits(method: Method, kind: IdentifierType) -> bool:
    """Whether a method can be applied to a type."""
    return ONLY_FOR.get(method, kind) is kind and kind not in NEVER_FOR.get(method, frozenset())


def profile_words(loaded: Loaded, faults: Faults) -> dict[str, Profile]:
    """Every profile, by name; what is wrong goes to `faults`."""
    return {name: _profile(source, faults) for name, source in sorted(loaded.profiles.items())}


def read_profile(content: bytes, file: str) -> Profile:
    """One profile from the bytes of its file, named `file` in messages. Raises `PolicyInvalid`."""
    faults = Faults()
    profiles = profile_words(load({"profiles/profile.yaml": content}, faults), faults)
    if faults.found:
        raise PolicyInvalid(violations=[replace(violation, file=file) for violation in faults.found])
    (profile,) = profiles.values()
    return profile


def shipped_profiles() -> dict[str, Profile]:
    """The profiles that come with the program, by name; for use without a site."""
    files = sorted((shipped("policies") / "profiles").glob("*.yaml"))
    found = [read_profile(file.read_bytes(), file.name) for file in files]
    return {profile.name: profile for profile in found}


def choose(profiles: Mapping[str, Profile], name: str) -> Profile:
    """The named profile. Raises `NotFound` PROFILE_UNKNOWN, which lists the known ones."""
    if name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise NotFound(f"there is no profile {name!r}; known: {known}", reason="PROFILE_UNKNOWN")
    return profiles[name]


def _profile(source: Source[ProfileFile], faults: Faults) -> Profile:
    model = source.model
    _check_languages(source, faults)
    thresholds = {
        kind: score
        for name, score in model.thresholds.items()
        if (kind := _kind(source, ("thresholds", name), faults))
    }
    return Profile(
        name=model.profile,
        title=model.title,
        languages=frozenset(model.languages),
        methods=_methods(source, faults),
        per_patient=model.per_patient,
        threshold=model.threshold,
        thresholds=thresholds,
        digest=source.digest,
    )


def _check_languages(source: Source[ProfileFile], faults: Faults) -> None:
    for position, language in enumerate(source.model.languages):
        if language in source.model.languages[:position]:
            path = ("languages", position)
            faults.at(source.document, path, f"'{language}' is listed twice", "keep one of them")


def _methods(source: Source[ProfileFile], faults: Faults) -> dict[IdentifierType, Method]:
    methods = {}
    for name, word in source.model.methods.items():
        path: Path = ("methods", name)
        kind = _kind(source, path, faults)
        if word not in {method.value for method in Method}:
            shown = f"'{word[:60]}' is not a known method"
            faults.at(source.document, path, shown, closest(word, [method.value for method in Method]))
        elif kind is not None:
            methods[kind] = Method(word)
            if not fits(Method(word), kind):
                options = ", ".join(method.value for method in Method if fits(method, kind))
                shown = f"'{word}' does not fit {name}"
                faults.at(source.document, path, shown, f"one of: {options}")
    return methods


def _kind(source: Source[ProfileFile], path: Path, faults: Faults) -> IdentifierType | None:
    name = str(path[-1])
    if name in IdentifierType.__members__:
        return IdentifierType(name)
    suggestion = closest(name, IdentifierType.__members__, listing=False)
    faults.at_key(source.document, path, f"'{name[:60]}' is not a type of identifier", suggestion)
    return None
