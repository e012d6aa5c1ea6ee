"""Training text from templates: one scene a snippet, every label's offsets counted from its pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from gateway.domain.deid import Span
from training.corpus.augment import augmented
from training.corpus.grammar import Choice, Pool, Slot, Template
from training.corpus.lists import list_names, words
from training.corpus.scene import Piece, Scene
from training.corpus.templates import FILLERS, pools, shelves

_JOINTS = {"": " ", "nl": "\n", "dash": "\n", "num": "\n", "para": "\n\n"}
_HEADS = {"num": "{number}. ", "dash": "- "}
# (folder, identifying) and its share of a hundred: a third and more holds no identifier, so that the model
# learns to leave clean text alone.
_MIXTURE = {
    ("short", True): 21,
    ("composed", True): 15,
    ("long", True): 29,
    ("short", False): 15,
    ("composed", False): 10,
    ("long", False): 10,
}
# How often another template of the same shelf follows in the same scene, and what stands between the two.
_FOLLOWED = {"short": (0.15, " "), "composed": (0.05, "\n"), "long": (0.5, "\n\n")}
# How often one or two short sentences with an identifier stand before or after a short text that has some.
_ASIDE_SHARE = 0.3
_ASIDES = Pool(name="asides", least=1, most=2, joint="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A text and its labels, in order and apart."""

    text: str
    spans: tuple[Span, ...]


def rendered(template: Template, scene: Scene) -> list[Piece]:
    """The pieces of a template in a scene."""
    pieces: list[Piece] = []
    for node in template:
        if isinstance(node, str):
            pieces.append((node, None))
        elif isinstance(node, Slot):
            pieces.extend(FILLERS[node.name](scene, node.form))
        elif isinstance(node, Choice):
            pieces.extend(rendered(scene.rng.choice(node.options), scene))
        else:
            pieces.extend(_sampled(node, scene))
    return pieces


def _sampled(pool: Pool, scene: Scene) -> list[Piece]:
    lines = pools()[pool.name]
    count = min(scene.rng.randint(pool.least, pool.most), len(lines))
    pieces: list[Piece] = []
    for number, template in enumerate(scene.rng.sample(lines, count), 1):
        if number > 1:
            pieces.append((_JOINTS[pool.joint], None))
        if pool.joint in _HEADS:
            pieces.append((_HEADS[pool.joint].format(number=number), None))
        pieces.extend(rendered(template, scene))
    return pieces


def assembled(pieces: list[Piece]) -> Snippet:
    """The text of the pieces, and the spans of those that are labelled, without white space at their ends."""
    spans: list[Span] = []
    texts: list[str] = []
    at = 0
    for text, kind in pieces:
        if kind is not None and text.strip():
            start = at + len(text) - len(text.lstrip())
            end = at + len(text.rstrip())
            spans.append(Span(start=start, end=end, type=kind, score=1.0, source="model"))
        texts.append(text)
        at += len(text)
    return Snippet(text="".join(texts), spans=tuple(spans))


def snippet(seed: int, index: int) -> Snippet:
    """The snippet of an index; the same for the same seed on every machine."""
    rng = Random(f"{seed}:{index}")
    (shelf,) = rng.choices(tuple(_MIXTURE), tuple(_MIXTURE.values()))
    scene = Scene(rng)
    beside = shelf == ("short", True) and rng.random() < _ASIDE_SHARE
    pieces = _with_asides(scene) if beside else _of(shelf, scene)
    return assembled(augmented(pieces, rng))


def _of(shelf: tuple[str, bool], scene: Scene) -> list[Piece]:
    """One template of a shelf, or two."""
    rng = scene.rng
    pieces = rendered(rng.choice(shelves()[shelf]), scene)
    share, joint = _FOLLOWED[shelf[0]]
    if rng.random() < share:
        pieces += [(joint, None), *rendered(rng.choice(shelves()[shelf]), scene)]
    return pieces


def _with_asides(scene: Scene) -> list[Piece]:
    """A short text, of those that identify nobody by themselves too, with identifiers beside it."""
    text = rendered(scene.rng.choice(shelves()["short", scene.rng.random() < 0.5]), scene)
    asides = _sampled(_ASIDES, scene)
    first, second = (text, asides) if scene.rng.random() < 0.6 else (asides, text)
    return [*first, (scene.rng.choice((" ", " ", "\n")), None), *second]


def snippets(seed: int, count: int) -> Iterator[Snippet]:
    """`count` snippets; the first of them are the same whatever the count."""
    return (snippet(seed, index) for index in range(count))


def corpus_digest(seed: int, count: int) -> str:
    """SHA-256 (hex) of the texts and their labels."""
    digest = hashlib.sha256()
    for made in snippets(seed, count):
        labels = " ".join(f"{span.start}-{span.end}-{span.type}" for span in made.spans)
        digest.update(f"{made.text}\0{labels}\0".encode())
    return digest.hexdigest()


def training_words() -> frozenset[str]:
    """All entries of the lists, case folded."""
    return frozenset(word.casefold() for name in list_names() for word in words(name))
