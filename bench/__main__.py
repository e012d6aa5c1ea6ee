"""`python -m bench [NAME ...]`: run benchmarks, each in its own process; fail if a goal is missed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = ("start", "replay", "grouped_count", "journal")


def main(names: list[str]) -> int:
    """Run the named benchmarks, all of them by default."""
    failed = []
    for name in names or NAMES:
        print(f"== {name}", flush=True)
        script = Path(__file__).with_name(f"{name}.py")
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"goals missed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
