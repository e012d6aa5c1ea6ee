r"""The language of templates, parsed once.

text           itself
{slot}         a value of the scene; {slot.form} one of its forms
<a|b|c>        one of these, each again a template; <a|> may be nothing
{>pool 2-4}    two to four different lines of a pool, with spaces between; `{>pool 2-4 nl}` a line each,
               `dash` and `num` as a list
\n  \<  \{     a line break, and the character itself
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    name: str
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    options: tuple[Template, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    name: str
    least: int
    most: int
    joint: str


Template = tuple["str | Slot | Choice | Pool", ...]

JOINTS = frozenset({"", "nl", "dash", "num", "para"})
_SLOT = re.compile(r"\{(?:>([a-z_]+) (\d+)(?:-(\d+))?(?: ([a-z]+))?|([A-Za-z_0-9]+)(?:\.([a-zA-Z_]+))?)\}")
_LITERAL = re.compile(r"[^{<>|\\]+")


class BadTemplateError(ValueError):
    """A template that does not parse."""


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def sequence(self, *, nested: bool) -> Template:
        """Nodes up to the end, or up to `|` or `>` inside a choice."""
        nodes: list[str | Slot | Choice | Pool] = []
        while self.at < len(self.text):
            mark = self.text[self.at]
            if nested and mark in "|>":
                break
            node = self._node(mark)
            if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
                nodes[-1] += node
            else:
                nodes.append(node)
        return tuple(nodes)

    def _node(self, mark: str) -> str | Slot | Choice | Pool:
        if mark == "\\":
            return self._escape()
        if mark == "{":
            return self._slot()
        if mark == "<":
            return self._choice()
        if mark in "|>":
            self.at += 1
            return mark
        found = _LITERAL.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return found.group()

    def _escape(self) -> str:
        if self.at + 1 >= len(self.text):
            raise BadTemplateError(f"a lone backslash at the end: {self.text!r}")
        escaped = self.text[self.at + 1]
        self.at += 2
        return {"n": "\n", "t": "\t"}.get(escaped, escaped)

    def _slot(self) -> Slot | Pool:
        found = _SLOT.match(self.text, self.at)
        if found is None:
            raise BadTemplateError(f"no slot at {self.at}: {self.text!r}")
        self.at = found.end()
        pool, least, most, joint, name, form = found.groups()
        if pool is None:
            return Slot(name=name, form=form or "")
        if (joint or "") not in JOINTS:
            raise BadTemplateError(f"no joint {joint}: {self.text!r}")
        return Pool(name=pool, least=int(least), most=int(most or least), joint=joint or "")

    def _choice(self) -> Choice:
        options: list[Template] = []
        while not options or self.text[self.at] == "|":
            self.at += 1
            options.append(self.sequence(nested=True))
            if self.at >= len(self.text):
                raise BadTemplateError(f"a choice without its end: {self.text!r}")
        self.at += 1
        return Choice(options=tuple(options))


def parsed(text: str) -> Template:
    """A template's nodes. Raises BadTemplateError."""
    return _Parser(text).sequence(nested=False)


def slots_of(template: Template) -> list[Slot | Pool]:
    """All slots and pools of a template, those in its choices too."""
    found: list[Slot | Pool] = []
    for node in template:
        if isinstance(node, Choice):
            found.extend(slot for option in node.options for slot in slots_of(option))
        elif not isinstance(node, str):
            found.append(node)
    return found
