"""Text -> paths and criteria of the FHIRPath subset.

Law: whatever the text, the answer is a path or `PolicyInvalid` with one fault at its column. Nothing that
parses can fail or run long when it is evaluated.
May import: errors, sources.words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import PolicyInvalid, Violation
from gateway.sources.words import (
    AllOf,
    AnyOf,
    Criterion,
    Decode,
    Equals,
    Exists,
    First,
    Member,
    OfType,
    Path,
    ReferenceKey,
    ResourceKey,
    StartsWith,
    Step,
    Where,
)

LONGEST = 500
DEEPEST = 5  # where() within where()
RESOURCES = ("contained",)  # elements that hold whole resources, which name their type themselves
FUNCTIONS = "first where ofType extension getResourceKey getReferenceKey decode"
TESTS = "exists empty startsWith"

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$this|[A-Za-z][A-Za-z0-9_]*)|(?P<text>'(?:[^'\\]|\\['\\])*')|(?P<number>[0-9]{1,9})"
    r"|(?P<sign>!=|[.()=]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    column: int


def parse_path(text: str) -> Path:
    """The path that a text says. Raises `PolicyInvalid`."""
    reader = _Reader(text)
    path = reader.path()
    reader.end()
    return path


def parse_criterion(text: str) -> Criterion:
    """The criterion that a text says, such as `status = 'final'`. Raises `PolicyInvalid`."""
    reader = _Reader(text)
    criterion = reader.criterion()
    reader.end()
    return criterion


def _refusal(column: int, description: str, suggestion: str = "") -> PolicyInvalid:
    return PolicyInvalid(
        violations=[Violation(line=1, column=column, description=description, suggestion=suggestion)]
    )


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        raise _refusal(1, "the path is too long", f"at most {LONGEST} characters")
    tokens, place = [], 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            column = place + len(text[place:]) - len(text[place:].lstrip()) + 1
            raise _refusal(column, "this is no part of a path", "names, dots, calls and texts in '...'")
        kind = str(found.lastgroup)
        tokens.append(_Token(kind=kind, text=found.group(kind), column=found.start(kind) + 1))
        place = found.end()
    return tokens


def _joined(path: Path, steps: Path) -> Path:
    """A path and what follows. An element of many types bears the type in its name in JSON: valueQuantity."""
    last, following = path[-1], steps[0]
    if isinstance(following, OfType) and isinstance(last, Member) and last.name not in RESOURCES:
        return (*path[:-1], Member(name=last.name + following.type[0].upper() + following.type[1:]))
    return path + steps


class _Reader:
    """Reads tokens from left to right; every method leaves the reader behind what it read."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), _Token(kind="end", text="", column=len(text) + 1)]
        self._place = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        if token.kind != "end":
            self._place += 1
        return token

    def _accept(self, text: str) -> bool:
        found = self._next.kind in ("sign", "name") and self._next.text == text
        if found:
            self._place += 1
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise _refusal(self._next.column, f"'{text}' is missing here")

    def end(self) -> None:
        if self._next.kind != "end":
            raise _refusal(self._next.column, "this does not belong to the path")

    def path(self) -> Path:
        """Steps joined by dots, or `$this`. Stops before a test, which belongs to a criterion."""
        if self._accept("$this"):
            return ()  # the item itself
        steps = self._step(first=True)
        while self._next.text == "." and not self._tests_next():
            self._place += 1
            steps = _joined(steps, self._step(first=False, before=steps))
        return steps

    def _tests_next(self) -> bool:
        return self._tokens[self._place + 1].text in TESTS.split()

    def _step(self, *, first: bool, before: Path = ()) -> Path:
        token = self._take()
        if token.kind != "name":
            raise _refusal(token.column, "a name is missing here")
        if token.text == "$this":
            raise _refusal(token.column, "'$this' is a path of its own")
        if not self._accept("("):
            return (Member(name=token.text),)
        steps = self._call(token, first=first, before=before)
        self._expect(")")
        return steps

    def _call(self, token: _Token, *, first: bool, before: Path) -> tuple[Step, ...]:
        calls: dict[str, Callable[[], tuple[Step, ...]]] = {
            "first": lambda: (First(),),
            "where": lambda: (Where(criterion=self._nested()),),
            "ofType": lambda: self._of_type(token, before),
            "extension": self._extension,
            "getResourceKey": lambda: (ResourceKey(),),
            "getReferenceKey": lambda: (ReferenceKey(type=self._optional_name()),),
            "decode": self._decode,
        }
        if token.text not in calls:
            raise _refusal(token.column, f"there is no function '{token.text}' here", f"known: {FUNCTIONS}")
        if first != (token.text == "getResourceKey") and token.text not in ("extension", "getReferenceKey"):
            where = "cannot begin a path" if first else "can only begin a path"
            raise _refusal(token.column, f"'{token.text}' {where}")
        return calls[token.text]()

    def _of_type(self, token: _Token, before: Path) -> tuple[Step, ...]:
        if not before or not isinstance(before[-1], Member):
            raise _refusal(token.column, "'ofType' follows the name of an element")
        return (OfType(type=self._name()),)

    def _extension(self) -> tuple[Step, ...]:
        url = Equals(path=(Member(name="url"),), value=self._text(), wanted=True)
        return Member(name="extension"), Where(criterion=url)

    def _decode(self) -> tuple[Step, ...]:
        token = self._next
        if self._text() != "base64":
            raise _refusal(token.column, "only base64 can be decoded", "decode('base64')")
        return (Decode(),)

    def _name(self) -> str:
        token = self._take()
        if token.kind != "name":
            raise _refusal(token.column, "the name of a type is missing here")
        return token.text

    def _optional_name(self) -> str:
        return self._name() if self._next.kind == "name" else ""

    def _text(self) -> str:
        token = self._take()
        if token.kind != "text":
            raise _refusal(token.column, "a text is missing here", "write it in '...'")
        return re.sub(r"\\(.)", r"\1", token.text[1:-1])

    def _nested(self) -> Criterion:
        if self._depth == DEEPEST:
            raise _refusal(self._next.column, "nested too deeply", f"at most {DEEPEST} levels")
        self._depth += 1
        found = self.criterion()
        self._depth -= 1
        return found

    def criterion(self) -> Criterion:
        """Terms joined by `and`, and these joined by `or`."""
        found = [self._conjunction()]
        while self._accept("or"):
            found.append(self._conjunction())
        return found[0] if len(found) == 1 else AnyOf(criteria=tuple(found))

    def _conjunction(self) -> Criterion:
        found = [self._term()]
        while self._accept("and"):
            found.append(self._term())
        return found[0] if len(found) == 1 else AllOf(criteria=tuple(found))

    def _term(self) -> Criterion:
        if self._accept("("):
            found = self._nested()
            self._expect(")")
            return found
        path = self.path()
        if self._accept("."):
            return self._test(path)
        token = self._take()
        if token.text not in ("=", "!="):
            raise _refusal(token.column, "a comparison is missing here", "= '...', != '...', .exists()")
        return Equals(path=path, value=self._literal(), wanted=token.text == "=")

    def _test(self, path: Path) -> Criterion:
        name = self._take().text
        self._expect("(")
        found: Criterion
        if name == "startsWith":
            found = StartsWith(path=path, start=self._text())
        else:
            found = Exists(path=path, wanted=name == "exists")
        self._expect(")")
        return found

    def _literal(self) -> str | bool | int:
        if self._next.kind == "number":
            return int(self._take().text)
        if self._next.text in ("true", "false"):
            return self._take().text == "true"
        return self._text()
