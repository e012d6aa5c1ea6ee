"""The pages for users agree with the code: dependencies, reasons, links."""

import re
import tomllib

import pytest

from tests.guards import ROOT

PAGES = [
    "GLOSSARY.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/dependencies.md",
    "docs/privacy.md",
    "docs/journal.md",
    "docs/agreements.md",
    "docs/walkthroughs/diabetes/README.md",
]


def test_every_dependency_is_explained_and_none_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    declared = [*project["dependencies"], *(line for extra in extras for line in extra)]
    wanted = {re.split(r"[\[<>=~!; ]", line)[0] for line in declared}
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| ([a-z][^|]*) \|", page, re.MULTILINE)
    listed = {name for cell in cells for name in cell.split(", ")} - {"package"}
    assert listed == wanted


def test_reasons_of_denial_are_those_of_the_code() -> None:
    code = (ROOT / "gateway" / "policy" / "decide.py").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "agreements.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert listed == set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', code))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
