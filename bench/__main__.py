"""`python -m bench [NAME ...]`: run benchmarks, each in its own process.

Fails where a goal is missed that docs/performance.md does not list under "Fell short".
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

NAMES = ("start", "replay", "plan", "grouped_count", "journal", "growth", "ingest", "deid")


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
    return int(any(name not in known_short() for name in failed))


def known_short() -> set[str]:
    """The benchmarks that docs/performance.md lists as having fallen short."""
    page = (Path(__file__).parents[1] / "docs" / "performance.md").read_text("utf-8")
    section = page.partition("## Fell short")[2].partition("\n## ")[0]
    return set(re.findall(r"^- `(\w+)`:", section, flags=re.M))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
