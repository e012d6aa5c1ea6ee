"""What the body of each entry kind holds, and how money is written in it.

Law: amounts are decimal strings of exact integers, rho in 1e-12 and delta in 1e-18; a cap is such a
pair or the word `unlimited`. A set of policies is one `Activated` entry or several, `part` 1 to `parts`.
Imports: the standard library, errors and domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.domain.entry import EntryKind, Json
from gateway.domain.privacy import AccountKind, Charge, Period, PrivacyLoss
from gateway.errors import JournalInvalid

UNLIMITED = "unlimited"
NEWEST, SPENT = "newest", "spent"  # what a recovery claims: that nothing is lost, or that all counts as spent

# Members that must be there; a body may hold more. `charge` and `release` are entry ids, empty for none.
REQUIRED: Mapping[EntryKind, Mapping[str, type]] = {
    EntryKind.OPENED: {"log_key": str, "trust_digest": str, "site": str},
    EntryKind.CHARGED: {"charges": list, "plan": str, "draw": int, "query": str, "release": str},
    EntryKind.RELEASED: {"charge": str, "digest": str, "salt": str},
    EntryKind.REPLAYED: {"release": str, "charge": str, "query": str},
    EntryKind.REFUSED: {},  # with `count` where it stands for so many of one minute
    EntryKind.FAILED: {"charge": str},
    # Counts by reason and by type of identifier; `rows` are the texts that left and those withheld.
    EntryKind.DISCLOSED: {
        "grant": str,
        "rows": int,
        "withheld": int,
        "reasons": dict,
        "types": dict,
        "limit": int,
        "profile": str,
        "profile_digest": str,
        "digest": str,
        "salt": str,
    },
    EntryKind.AGREEMENT_LOADED: {
        "agreement": str,
        "version": int,
        "digest": str,
        "cap": dict,
        "period": str,
        "populations": list,
    },
    EntryKind.ACTIVATED: {"policies": str, "generation": int, "part": int, "parts": int, "caps": list},
    EntryKind.SNAPSHOT_PUBLISHED: {"snapshot": str, "datasets": list},
    EntryKind.REVIEWED: {},
    EntryKind.RECOVERED: {"claim": str, "head": str, "by": str, "accounts": list, "part": int, "parts": int},
    EntryKind.CONFIG_CHANGED: {"setting": str, "value": str},
    # Times as in an entry's own `time`; `clock` is the machine's, `jump` the id of what is confirmed.
    EntryKind.CLOCK_JUMP: {"clock": str, "journal": str},
    EntryKind.CLOCK_CONFIRMED: {"jump": str, "clock": str},
}

IN_PARTS = (EntryKind.ACTIVATED, EntryKind.RECOVERED)

_AMOUNT = re.compile(r"0|[1-9][0-9]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """One account's part of a `Charged` entry. `account` is `Account.key`; cap None: unlimited."""

    account: str
    period: str
    loss: PrivacyLoss
    cap: PrivacyLoss | None

    @property
    def parts(self) -> list[str]:
        """Kind, holder, population and period."""
        return self.account.split("/")

    @property
    def population(self) -> str:
        return self.parts[2]


def check_body(kind: EntryKind, body: Mapping[str, Json]) -> None:
    """Raise `JournalInvalid` unless the body has the members its kind needs, money readable."""
    for name, form in REQUIRED[kind].items():
        value = body.get(name)
        if not isinstance(value, form) or (form is int and isinstance(value, bool)):
            raise JournalInvalid(f"a {kind} entry without a proper `{name}`")
    if kind is EntryKind.CHARGED:
        charge_lines(body)
    elif kind in (EntryKind.ACTIVATED, EntryKind.AGREEMENT_LOADED):
        declared_caps(kind, body)
        declared_limits(body)
    elif kind is EntryKind.RECOVERED:
        recovered_amounts(body)
    number = {name: value for name, value in body.items() if isinstance(value, int)}
    if kind in IN_PARTS and not 1 <= number["part"] <= number["parts"]:
        raise JournalInvalid(f"a part of {kind} that is not one of its parts")


def loss_json(loss: PrivacyLoss) -> dict[str, Json]:
    """A loss as it stands in an entry."""
    return {"rho": str(loss.rho), "delta": str(loss.delta)}


def cap_json(cap: PrivacyLoss | None) -> Json:
    """A cap as it stands in an entry."""
    return UNLIMITED if cap is None else loss_json(cap)


def charges_json(charges: Iterable[tuple[Charge, str]]) -> list[Json]:
    """Charges with their period keys as they stand in a `Charged` entry."""
    return [
        {
            "account": charge.account.key,
            "period": period_key,
            **loss_json(charge.loss),
            "cap": cap_json(charge.cap),
        }
        for charge, period_key in charges
    ]


def charge_lines(body: Mapping[str, Json]) -> tuple[ChargeLine, ...]:
    """The lines of a `Charged` body. Raises `JournalInvalid`."""
    charges = body.get("charges")
    if not isinstance(charges, list):
        raise JournalInvalid("charges are not a list")
    return tuple(_line(item) for item in charges)


def declared_caps(kind: EntryKind, body: Mapping[str, Json]) -> dict[str, PrivacyLoss | None]:
    """The caps by account key that an `AgreementLoaded` or `Activated` body declares.

    Raises `JournalInvalid`.
    """
    if kind is EntryKind.AGREEMENT_LOADED:
        cap, period = read_cap(body["cap"]), _text(body["period"])
        if period not in list(Period):
            raise JournalInvalid("an unknown period")
        populations = body["populations"]
        names = [_text(name) for name in populations] if isinstance(populations, list) else []
        return {f"agreement/{body['agreement']}/{name}/{period}": cap for name in names}
    caps: dict[str, PrivacyLoss | None] = {}
    declared = body["caps"]
    for item in declared if isinstance(declared, list) else []:
        if not isinstance(item, dict) or "cap" not in item:
            raise JournalInvalid("a cap without account and amount")
        account = _text(item.get("account"))
        if account.split("/")[0] not in (AccountKind.PARTY, AccountKind.SITE):
            raise JournalInvalid("a cap of another account than a party's or the site's")
        caps[account] = read_cap(item["cap"])
    return caps


def limits_json(limits: Mapping[str, int]) -> list[Json]:
    """Rows a day by grant, as they stand in an `AgreementLoaded` body."""
    return [{"grant": grant, "rows_per_day": most} for grant, most in sorted(limits.items())]


def declared_limits(body: Mapping[str, Json]) -> dict[str, int]:
    """Rows a day by grant that an `AgreementLoaded` body declares. Raises `JournalInvalid`."""
    listed = body.get("disclosures", [])
    if not isinstance(listed, list):
        raise JournalInvalid("limits of disclosures that are no list")
    limits = {}
    for item in listed:
        if not isinstance(item, dict):
            raise JournalInvalid("a limit of disclosures that is none")
        grant, most = item.get("grant"), item.get("rows_per_day")
        if not isinstance(grant, str) or not isinstance(most, int) or isinstance(most, bool):
            raise JournalInvalid("a limit of disclosures without grant and rows")
        limits[grant] = most
    return limits


def activated_part(body: Mapping[str, Json]) -> tuple[str, int, int, int]:
    """Policies, generation, part and parts of an `Activated` body whose members were checked."""
    number = {name: value for name, value in body.items() if isinstance(value, int)}
    return _text(body.get("policies")), number["generation"], number["part"], number["parts"]


def recovered_amounts(body: Mapping[str, Json]) -> dict[tuple[str, str], PrivacyLoss]:
    """The least that each account has spent in a period from here on. Raises `JournalInvalid`."""
    accounts = body.get("accounts")
    if body.get("claim") not in (NEWEST, SPENT) or not isinstance(accounts, list):
        raise JournalInvalid("a recovery without a claim and accounts")
    amounts: dict[tuple[str, str], PrivacyLoss] = {}
    for item in accounts:
        if not isinstance(item, dict):
            raise JournalInvalid("a recovered account that is none")
        account, period = item.get("account"), item.get("period")
        if not isinstance(account, str) or not isinstance(period, str):
            raise JournalInvalid("a recovered account without name and period")
        amounts[account, period] = read_loss(item)
    return amounts


def read_cap(value: Json) -> PrivacyLoss | None:
    """A cap; None where it says `unlimited`. Raises `JournalInvalid`."""
    if value == UNLIMITED:
        return None
    if not isinstance(value, dict):
        raise JournalInvalid("a cap that is neither an amount nor `unlimited`")
    return read_loss(value)


def read_loss(value: Mapping[str, Json]) -> PrivacyLoss:
    """A loss as `loss_json` writes it. Raises `JournalInvalid`."""
    return PrivacyLoss(rho=_amount(value.get("rho")), delta=_amount(value.get("delta")))


def _line(item: Json) -> ChargeLine:
    if not isinstance(item, dict) or "cap" not in item:
        raise JournalInvalid("a charge without account, amount and cap")
    account = _text(item.get("account"))
    if account.count("/") != 3:
        raise JournalInvalid("an account key without kind, holder, population and period")
    return ChargeLine(
        account=account,
        period=_text(item.get("period")),
        loss=read_loss(item),
        cap=read_cap(item["cap"]),
    )


def _text(value: Json | None) -> str:
    if not isinstance(value, str):
        raise JournalInvalid("text expected")
    return value


def _amount(value: Json | None) -> int:
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise JournalInvalid("an amount that is not a decimal string")
    return int(value)
