"""Bad questions through the real door: each refused with a stable reason and a place, each with a good twin.

Whatever depends on the data is never an error; whatever is refused is an entry and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.client import Gateway
from gateway.client.site import SiteSocket
from gateway.errors import GatewayError
from tests.checks import check_journal
from tests.e2e.kit import AGREEMENT, COUNT_SQL, PURPOSE, Place, Serving, make_place, serving
from tests.unit.client.enrolled import run

PATIENTS = "COUNT(DISTINCT patient_id) AS patients"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("questions"))


@pytest.fixture(scope="module")
def served(place: Place) -> Iterator[Serving]:
    place.set("max_cells: 20")
    with serving(place.site) as server:
        yield server
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text("utf-8")
    check_journal(place.site / "journal" / "journal.db")


@pytest.fixture(scope="module")
def gateway(place: Place, served: Serving) -> Iterator[Gateway]:
    with place.asking(served.address) as connection:
        yield connection


def refused(gateway: Gateway, sql: str, **spend: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        gateway.query(sql, **spend)  # type: ignore[arg-type]
    assert "Traceback" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("reason", "bad", "good"),
    [
        ("SQL_UNSUPPORTED", f"SELEC sex, {PATIENTS} FROM encounters GROUP BY sex", COUNT_SQL),
        ("SQL_UNSUPPORTED", f"{COUNT_SQL} HAVING 1", COUNT_SQL),
        ("SQL_UNSUPPORTED", f"SELECT {PATIENTS} FROM encounters JOIN conditions ON 1", COUNT_SQL),
        ("SQL_UNSUPPORTED", "SELECT * FROM encounters", COUNT_SQL),
        (
            "NOT_GRANTED",  # there is no such column: the same answer as for a forbidden one
            f"SELECT shoe_size, {PATIENTS} FROM encounters GROUP BY shoe_size",
            f"SELECT region, {PATIENTS} FROM encounters GROUP BY region",
        ),
        (
            "NOT_GRANTED",  # no grant groups by dates
            f"SELECT start, {PATIENTS} FROM encounters GROUP BY start",
            f"SELECT {PATIENTS} FROM encounters WHERE start >= DATE '2025-01-01'",
        ),
        (
            "NOT_GRANTED",  # an identifier
            f"SELECT {PATIENTS} FROM encounters WHERE encounter_id = 'E0000001'",
            f"SELECT {PATIENTS} FROM encounters WHERE class = 'IMP'",
        ),
        (
            "NOT_GRANTED",  # a date has no bounds, and no grant measures it
            "SELECT SUM(start) AS total FROM encounters",
            "SELECT SUM(length_of_stay) AS total FROM encounters",
        ),
        (
            "NOT_GRANTED",
            f"SELECT {PATIENTS} FROM secrets",
            f"SELECT {PATIENTS} FROM encounters",
        ),
        (
            "TOO_MANY_CELLS",  # 5 sexes of 6 regions
            f"SELECT sex, region, {PATIENTS} FROM encounters GROUP BY sex, region",
            f"SELECT sex, readmitted_30d, {PATIENTS} FROM encounters GROUP BY sex, readmitted_30d",
        ),
    ],
)
def test_bad_questions(gateway: Gateway, place: Place, reason: str, bad: str, good: str) -> None:
    before = gateway.budget()[0].spent.rho
    error = refused(gateway, bad)
    assert (error.reason, gateway.budget()[0].spent.rho) == (reason, before)
    with SiteSocket(place.site / "run" / "site.sock") as site:
        assert f'"outcome":"{reason}"'.encode() in site.entry(error.entry)
    assert gateway.query(good).rows


def test_a_fault_has_its_line_and_column(gateway: Gateway) -> None:
    error = refused(gateway, "SELECT sex,\n  COUNT(*) AS n\nFROM encounters\nGROUP BY sex\n  HAVING n > 3")
    assert [(violation.line, violation.column) for violation in error.violations] == [(5, 3)]
    assert gateway.query("SELECT sex,\n  COUNT(*) AS n\nFROM encounters\nGROUP BY sex\n").rows


def test_the_length_of_a_question(gateway: Gateway) -> None:
    def padded(length: int) -> str:
        return COUNT_SQL + " " * (length - len(COUNT_SQL))

    assert refused(gateway, padded(16 * 1024 + 1)).reason == "SQL_TOO_LARGE"
    assert gateway.query(padded(16 * 1024)).rows


@pytest.mark.parametrize(
    ("reason", "spend", "good"),
    [
        ("MOST_PER_QUERY", {"share": 60}, {"share": 2}),
        ("MOST_PER_QUERY", {"epsilon": 2.9}, {"epsilon": 0.2}),
    ],
)
def test_prices(gateway: Gateway, reason: str, spend: dict[str, float], good: dict[str, float]) -> None:
    assert refused(gateway, COUNT_SQL, **spend).reason == reason
    assert gateway.query(COUNT_SQL, **good).rows  # type: ignore[arg-type]


def test_another_agreement_s_name_is_not_journalled(gateway: Gateway, place: Place) -> None:
    other = "canary-agreement"
    gateway.agreement, own = other, gateway.agreement
    try:
        error = refused(gateway, COUNT_SQL)
    finally:
        gateway.agreement = own
    assert error.reason == "NO_AGREEMENT"
    with SiteSocket(place.site / "run" / "site.sock") as site:
        assert other.encode() not in site.entry(error.entry)
    assert gateway.query(COUNT_SQL).rows


def test_a_request_id_is_one_question_s(gateway: Gateway) -> None:
    first = gateway.query(COUNT_SQL, request_id="r-1")
    with pytest.raises(GatewayError) as caught:
        gateway.query(COUNT_SQL.replace("sex", "class"), request_id="r-1")
    assert caught.value.reason == "REQUEST_ID_REUSED"
    assert gateway.query(COUNT_SQL, request_id="r-1").release == first.release


def test_what_depends_on_the_data_is_no_error(gateway: Gateway) -> None:
    """Nobody is there, and the shape is the same."""
    nobody = gateway.query(COUNT_SQL.replace("GROUP", "WHERE start < DATE '1900-01-01' GROUP"))
    assert [row[0] for row in nobody.rows] == [row[0] for row in gateway.query(COUNT_SQL).rows]


def test_the_command_s_words(place: Place, served: Serving) -> None:
    """`gateway query` on a refusal: reason, place, entry and exit code, on standard error alone."""
    asked = ("query", "--at", served.address, "--as", place.partner, "--agreement", AGREEMENT)
    code, out, err = run(*asked, "--purpose", PURPOSE, "--sql", f"{COUNT_SQL} HAVING 1")
    assert (code, out) == (65, "")
    assert err.startswith("error SQL_UNSUPPORTED\n  line 1, column ")
    assert "recorded in journal entry" in err
    code, out, err = run(*asked, "--purpose", PURPOSE, "--sql", COUNT_SQL)
    assert (code, err) == (0, "")
    assert "female" in out
