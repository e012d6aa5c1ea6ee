"""The process that de-identifies: reads requests from a pipe, builds pipelines, writes outcomes.

Law: it reads no text before its fence stands; it has no file descriptor but its two pipes; what it and its
libraries print goes nowhere; of an exception only the type's name leaves. May import: adapters (text_codec,
text_fence), domain.deid. Libraries come with the factory that it is handed.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol

from gateway.adapters import text_codec as codec
from gateway.adapters.text_fence import raise_fence
from gateway.domain.deid import Document, Outcome, Profile


class Pipeline(Protocol):
    """What de-identifies under one profile."""

    def deidentify(self, documents: Sequence[Document]) -> list[Outcome]:
        """One outcome for each document, in order."""
        ...


Factory = Callable[[Profile], Pipeline]


def main() -> None:
    """Serve until the pipe ends. Frames in: settings, the pickled factory, then requests."""
    requests, answers = _take_pipes()
    settings = json.loads(codec.read_frame(requests) or b"null")
    os.nice(settings["nice"])
    closed = raise_fence(memory=settings["memory"], parent=settings["parent"])
    sys.path[:] = settings["path"]
    factory, failure = _factory(codec.read_frame(requests) or b"")
    _answer(answers, codec.dumps({"n": 0, "kernel": closed, **({"failed": failure} if failure else {})}))
    pipelines: dict[str, Pipeline] = {}
    while factory is not None and (payload := codec.read_frame(requests)) is not None:
        _answer(answers, _answered(payload, factory, pipelines))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes under numbers of their own; what prints or reads otherwise meets nothing."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for taken in (0, 1, 2):
        os.dup2(nowhere, taken)
    os.close(nowhere)
    return requests, answers


def _factory(pickled: bytes) -> tuple[Factory | None, str]:
    try:
        return pickle.loads(pickled), ""  # noqa: S301 - from the gateway
    except Exception as error:
        return None, type(error).__name__


def _answer(stream: BinaryIO, payload: bytes) -> None:
    stream.write(codec.framed(payload))
    stream.flush()


def _answered(payload: bytes, factory: Factory, pipelines: dict[str, Pipeline]) -> bytes:
    """The answer to one request: outcomes, or the name of the exception in their place."""
    content = json.loads(payload)
    number, profile = content["n"], content["profile"]
    key = json.dumps(profile)
    try:
        if key not in pipelines:
            pipelines[key] = factory(codec.decoded_profile(profile))
        documents = [codec.decoded_document(each) for each in content["documents"]]
        outcomes = pipelines[key].deidentify(documents) if documents else []
        return codec.dumps({"n": number, "outcomes": codec.encoded_outcomes(outcomes)})
    except Exception as error:
        return codec.dumps({"n": number, "failed": type(error).__name__})
