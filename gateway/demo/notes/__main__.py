"""`python -m gateway.demo.notes --count N --seed S [--language en,es,zh] OUT`: writes a gold file.

Law: JSON lines in, nothing else: id, text, spans, patient. Imports: this package, the standard library.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gateway.demo.notes import LANGUAGES, gold_line, labelled_notes


def main(arguments: list[str] | None = None) -> None:
    """Write the notes that the arguments name."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway.demo.notes", description="Write notes with gold labels."
    )
    parser.add_argument("out", type=Path, help="the file to write, JSON lines")
    parser.add_argument("--count", type=int, default=1000, help="how many notes (1000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed (1)")
    parser.add_argument("--language", default="en", help=f"some of {','.join(LANGUAGES)}, with commas (en)")
    given = parser.parse_args(arguments)
    languages = tuple(given.language.split(","))
    if unknown := set(languages) - set(LANGUAGES):
        parser.error(f"--language: no notes in {', '.join(sorted(unknown))}")
    with given.out.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(gold_line(note) + "\n" for note in labelled_notes(given.seed, given.count, languages))


if __name__ == "__main__":
    main()
