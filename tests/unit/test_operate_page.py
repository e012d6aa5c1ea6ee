"""docs/operate.md cannot drift: its tables name every log event, every finding and every exit code."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import errors
from gateway.adapters import pki
from gateway.adapters.file_keys import SiteKeys
from gateway.rpc.tls import check_material, site_material
from tests.guards import ROOT, need
from tests.unit.client.enrolled import done
from tests.unit.test_readme import commands, parse

PAGE = (ROOT / "docs" / "operate.md").read_text("utf-8")
PACKAGE = ROOT / "gateway"
LOGGING = {"event", "defect", "_log_call"}  # of gateway.log, and the door's own
LEVELS = {"critical", "error", "warning", "info", "debug"}  # of a module's own logger
FINDINGS = {"ok", "warn", "fail", "days_left", "_said"}


def section(title: str) -> str:
    found: str = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    assert found, f"operate.md has no section {title}"
    return found


def first_column(text: str) -> set[str]:
    """The names in code type at the beginning of each row of a table."""
    return {
        name for row in re.findall(r"^\| (`.+?) \|", text, re.M) for name in re.findall(r"`([^`]+)`", row)
    }


def calls(folder: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call below a folder, by the last part of what is called."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                yield name, node


def words(node: ast.expr) -> set[str]:
    """The constant, or the constants of a choice, that an argument is."""
    if isinstance(node, ast.IfExp):
        return words(node.body) | words(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def events() -> set[str]:
    found: set[str] = set()
    for name, call in calls(PACKAGE):
        logger = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name in LOGGING and len(call.args) >= 1:
            found |= words(call.args[0]) or words(call.args[1] if len(call.args) > 1 else call.args[0])
        elif name in LEVELS and isinstance(logger, ast.Name) and logger.id == "_log":
            found |= words(call.args[0])
    return found | {"unhandled", "unhandled_in_thread", "unraisable"}


def codes() -> set[str]:
    found: set[str] = set()
    for name, call in calls(PACKAGE / "doctor"):
        if name in FINDINGS and call.args:
            found |= words(call.args[0])
    return found


def test_every_event_is_explained() -> None:
    assert len(events()) > 15
    assert first_column(section("Logs")) - {"library:NAME"} == events()


def test_every_finding_is_explained() -> None:
    assert len(codes()) > 30
    assert first_column(section("Findings of gateway doctor")) == codes()


def test_every_exit_code_is_explained() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    found = {str(kind.exit_code) for kind in kinds if issubclass(kind, errors.GatewayError)}
    assert first_column(section("Exit codes")) == found | {"0", "2"}


BLOCKS = "\n".join(re.findall(r"```sh\n.*?```", PAGE, re.S))


@pytest.mark.parametrize("asked", commands(BLOCKS), ids=" ".join)
def test_every_command_parses(asked: list[str]) -> None:
    parse(asked)


def test_the_page_is_found_from_the_readme() -> None:
    assert "docs/operate.md" in (ROOT / "README.md").read_text("utf-8")


def test_the_renewal_that_is_shown_works(tmp_path: Path) -> None:
    """The block of openssl commands, run as it stands in a new site: doctor finds another year."""
    need("openssl", shutil.which("openssl") is not None, "openssl is not on this machine")
    done("init", tmp_path / "my-site", "--site-id", "north-hospital")
    keys = tmp_path / "my-site" / "keys"
    before = SiteKeys.load(keys)
    (block,) = re.findall(r"```console\n(cd my-site/keys\n.*?)```", section("Certificates"), re.S)
    subprocess.run(["sh", "-eu", "-c", block], cwd=tmp_path, check=True, capture_output=True)
    after = SiteKeys.load(keys)
    assert after.server_key_pem != before.server_key_pem
    check_material(site_material(after, ()))
    assert pki.issued_by(after.server_chain_pem, after.ca_pem)
    left = pki.load_certificate(after.server_chain_pem).not_valid_after_utc - datetime.now(UTC)
    assert 363 <= left.days <= 365
    assert {path.name for path in keys.iterdir()} - {"ca.srl"} == {
        *(
            "ca.key",
            "ca.crt",
            "server.key",
            "server.crt",
            "site.key",
            "bounding.key",
            "deid.key",
            "person.key",
        )
    }
