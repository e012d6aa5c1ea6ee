"""A folder of wheels to install from without a network: `wheelhouse.py FOLDER [--base]`.

Law: each wheel has a hash that requirements.lock names, and FOLDER/requirements.txt names exactly those, so
that pip checks them again where they are installed (`--require-hashes`). `--base` leaves out what serves.
The index, proxy and certificates are those that pip is set up with.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"


def main(arguments: list[str]) -> int:
    """Collect, compare, write the list. 1 where a wheel is not one that the lock names."""
    folder = Path(arguments[0]).absolute()
    extra = "" if "--base" in arguments else "[server]"
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.stderr.write(f"wheels: {folder} is not empty\n")
        return 1
    own = build(folder)
    collect(folder, own, extra)
    lines, strange = listed(folder, own, extra)
    if strange:
        sys.stderr.write(f"wheels: not in requirements.lock: {', '.join(strange)}\n")
        return 1
    (folder / "requirements.txt").write_text("\n".join(lines) + "\n", "utf-8")
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    sys.stderr.write(f"wheels: {len(lines)} in {folder}, {size:,.0f} MB\n")
    return 0


def build(folder: Path) -> Path:
    """Our own wheel, built from this checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (own,) = folder.glob("*.whl")
    return own


def collect(folder: Path, own: Path, extra: str) -> None:
    """Everything that our wheel needs, in the versions of the lock file."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        for line in re.findall(r"^([a-z0-9].*?) *\\?$", LOCK.read_text("utf-8"), re.M):
            constraints.write(f"{line}\n")  # with its marker: another Python may have another version
        constraints.flush()
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
        options = ["--only-binary", ":all:", "--constraint", constraints.name, "--dest", str(folder)]
        subprocess.run([*pip, *options, f"{own}{extra}"], check=True)


def listed(folder: Path, own: Path, extra: str) -> tuple[list[str], list[str]]:
    """A line for each wheel, and the names of those whose hash the lock does not have."""
    known = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", LOCK.read_text("utf-8")))
    lines, strange = [], []
    for path in sorted(folder.glob("*.whl")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name, version = path.name.split("-")[:2]
        if path == own:
            name += extra
        elif digest not in known:
            strange.append(path.name)
        lines.append(f"{name}=={version} --hash=sha256:{digest}")
    return lines, strange


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
