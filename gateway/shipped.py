"""Where the files that come with the program lie: in a checkout, and in an installed wheel.

May import: errors.
"""

from __future__ import annotations

from pathlib import Path

from gateway.errors import ConfigInvalid


def shipped(name: str) -> Path:
    """The path of a shipped file or folder, such as `policies`.

    A checkout keeps it beside the package, a wheel inside it. Raises `ConfigInvalid` where the
    installation has neither.
    """
    package = Path(__file__).resolve().parent
    inside, beside = package / name, package.parent / name
    if inside.exists():
        return inside
    # Beside an installed package lie other people's packages: only a checkout is looked at.
    if (package.parent / "pyproject.toml").is_file() and beside.exists():
        return beside
    raise ConfigInvalid(f"'{name}' is not part of this installation", reason="NOT_SHIPPED")
