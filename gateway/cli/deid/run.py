"""`gateway deid run`: a file or a folder of texts in, the same without identifiers out.

Law: a text leaves only as a worker answered for it; every other is withheld and counted. May import:
adapters (deid_*, text_*), cli.output, the siblings, errors.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.output import note, progress_bar
from gateway.errors import ConfigInvalid

if TYPE_CHECKING:
    from gateway.adapters.deid_output import Output, Progress
    from gateway.adapters.deid_source import PatientFile, Source
    from gateway.adapters.text_workers import TextWorkers
    from gateway.domain.deid import Profile

SOME_WITHHELD = 3
"""The exit code of a run that came to its end and withheld a text."""
INTERRUPTED = 130  # as a shell says that SIGINT ended a command


def run(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN", help="A file of JSON lines, plain or gzip, or a folder of .txt files."),
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file, or for a folder the folder, to write.")
    ],
    profile: Annotated[
        str, typer.Option(help="A shipped profile by name (such as safe-harbor), or a YAML file.")
    ],
    patients: Annotated[
        Path | None, typer.Option(help="FHIR R4 Patient resources (NDJSON), which `patient_id` names.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The key of a keyed profile; `gateway deid key` makes one.")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one for each processor.")] = 0,
    language: Annotated[
        str, typer.Option(help="The language of texts that name none, such as en; default: found out.")
    ] = "",
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, over an earlier run's output.")
    ] = False,
) -> None:
    """De-identify a file or a folder of texts, on all processors and in bounded memory.

    A line of IN has `id` and `text`, where known `patient` (a FHIR R4 Patient) or `patient_id` (one of
    --patients), and `language`. A line of OUT has `id`, `text`, `language` and `spans`, whose offsets are
    code points of the text of IN; or `id` and `withheld`, the reason why the text is not there. A folder's
    texts keep their names, and spans.jsonl holds their spans. A run that was interrupted goes on where it
    stopped.

    Exit code 0: every text is there. 3: the run is complete, and some texts were withheld.
    """
    from gateway.adapters.deid_source import PatientFile
    from gateway.cli.deid.workers import checked_language, chosen_profile, key_for, models_digest

    checked = chosen_profile(profile)
    secret = key_for(checked, key)
    with ExitStack() as stack:
        known = stack.enter_context(closing(PatientFile(patients))) if patients else None
        texts = _source(source, known, checked_language(language))
        told = {
            "the input": texts.identity,
            "the profile": checked.digest,
            "the key": hmac.digest(secret, b"which key", hashlib.sha256).hex() if secret else "",
            "the patients": known.identity if known else "",
            "--language": language,
            "the program": version("concordat"),
            "the models": models_digest(),
        }
        _keep_apart(out, source, *(file for file in (patients, key) if file))
        progress = _de_identify(texts, out, told, checked, secret, workers, restart)
    if progress.withheld:
        raise typer.Exit(SOME_WITHHELD)


def _source(path: Path, patients: PatientFile | None, language: str) -> Source:
    """What is to be read. Raises `ConfigInvalid`."""
    from gateway.adapters.deid_source import JsonLines, TextFolder
    from gateway.deid.files import no_patients

    if not path.is_dir():
        return JsonLines(path, patients.record if patients else no_patients, language)
    if patients is not None:
        raise ConfigInvalid(
            "the files of a folder name no patient, so --patients has no use; write JSON lines instead",
            reason="PATIENTS_UNUSED",
        )
    return TextFolder(path, language)


def _keep_apart(out: Path, source: Path, *others: Path) -> None:
    """Refuse an output that would be written over what is read. Raises `ConfigInvalid`."""
    there = out.resolve()
    written = {there, *(there.with_name(there.name + end) for end in (".part", ".part.json"))}
    for given in (source.resolve(), *(other.resolve() for other in others)):
        if given in written or there in given.parents or (source.is_dir() and given in there.parents):
            raise ConfigInvalid("OUT would be written over what is read", reason="OUTPUT_EXISTS")
    if out.exists() and out.is_dir() != source.is_dir():
        raise ConfigInvalid("a file becomes a file, and a folder a folder", reason="OUTPUT_EXISTS")


def _de_identify(
    source: Source,
    out: Path,
    told: dict[str, str],
    profile: Profile,
    secret: bytes,
    count: int,
    restart: bool,
) -> Progress:
    """Run to the end, with a bar and a last line for the reader."""
    from gateway.adapters.deid_output import Output
    from gateway.adapters.deid_source import TextFolder
    from gateway.cli.deid import workers

    output = Output(out, told, folder=isinstance(source, TextFolder), restart=restart)
    if output.resumed:
        note(f"going on after {output.progress.notes:,} texts of an interrupted run")
    begun, before = time.monotonic(), output.progress.notes
    pool = workers.workers(workers.pipelines(secret), count)
    try:
        asyncio.run(_shown(source, output, pool, profile))
    except KeyboardInterrupt:
        note("interrupted: the same command goes on where this one stopped")
        raise typer.Exit(INTERRUPTED) from None
    _sum(output.progress, output.progress.notes - before, time.monotonic() - begun)
    return output.progress


async def _shown(source: Source, output: Output, pool: TextWorkers, profile: Profile) -> None:
    from gateway.adapters.deid_run import AHEAD, run

    begun, before = time.monotonic(), output.progress.notes
    with progress_bar(source.size) as bar:

        def tell() -> None:
            done = output.progress.notes - before
            rate = done / max(time.monotonic() - begun, 1e-3)
            bar(source.read, f"{output.progress.notes:,} notes, {rate:,.0f} notes/s")

        try:
            await run(source, output, pool, profile, ahead=max(AHEAD, 2 * pool.count), tell=tell)
        finally:
            await pool.close()


def _sum(progress: Progress, done: int, seconds: float) -> None:
    """The last line: how many, how fast, and why some are missing."""
    now = f", {done:,} of them now" if done < progress.notes else ""
    note(f"{progress.notes:,} notes{now} in {seconds:,.1f} s ({done / max(seconds, 1e-3):,.1f} notes/s)")
    if progress.withheld:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in progress.withheld.most_common())
        note(f"withheld: {progress.withheld.total():,} ({reasons})")
        if progress.withheld["PATIENT_UNKNOWN"]:
            note("  PATIENT_UNKNOWN: `patient_id` names somebody whom --patients does not hold")
