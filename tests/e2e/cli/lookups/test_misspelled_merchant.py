"""Every command that is about a merchant, called with a name that is not set up."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from beginnings import copied_database
from e2e.cli.terminal import paystate, set_up

WORD = "--by Meera --note why"
ABOUT_THE_MERCHANT = (
    "order list", "order find tea", "day 2026-11-27", "review list", "settle list", "settle imports", "inbox list",
    "outbox list", "outbox show evt_1", "outbox replay --dead --by Meera",
    "outbox replay --dead --endpoint books --by Meera", "outbox replay --order tea-1 --dry-run --by Meera",
    "outbox resume books", "keys list",
    "resync --since 2026-11-26T20:00:00Z --by Meera",
)  # fmt: skip
ABOUT_ONE_THING = {
    "order tea-1": (
        "order show tea-1", "order timeline tea-1", "order explain tea-1", "order at tea-1 2026-11-26T20:00:00Z",
        "order what-if tea-1 --pay", "order look tea-1", f"order refund tea-1 1.00 --key k {WORD}",
        f"order capture tea-1 --key k {WORD}", f"order void tea-1 --key k {WORD}",
        f"order cash tea-1 collected {WORD}", f"order cancel tea-1 {WORD}", "order amend tea-1 1.00 --by Meera",
        "review show tea-1", "review list --after tea-1", f"review settle tea-1 key --verdict done {WORD}",
    ),
    "case c-9": ("settle show c-9", f"settle close c-9 --verdict explained {WORD}"),
    "webhook 1": ("inbox show 1", "inbox replay 1"),
}  # fmt: skip


@pytest.fixture
def shop(here: Path) -> Path:
    """A teashop of which nothing is stored."""
    set_up(here)
    copied_database(here / "paystate.sqlite3")
    return here


def refused(command: str, says: str) -> None:
    no = paystate(*command.split(), "--merchant", "coffeeshop")
    assert (1, f"--merchant: {says}") == (no.exit_code, no.output.split("\n")[0])
    assert "to fix it: name one of: teashop; or add it to the settings" in no.output
    document = paystate(*command.split(), "--merchant", "coffeeshop", "--json")
    assert (1, True) == (document.exit_code, f'"message": "{says}"' in document.output), document.output


@pytest.mark.parametrize("command", ABOUT_THE_MERCHANT)
def test_of_a_merchant_that_is_not_set_up_nothing_is_listed_or_done(shop: Path, command: str) -> None:
    refused(command, "coffeeshop is not set up")


@pytest.mark.parametrize("command", [*ABOUT_THE_MERCHANT, *chain(*ABOUT_ONE_THING.values())])
def test_a_blank_merchant_is_neither_the_only_one_nor_all(shop: Path, command: str) -> None:
    no = paystate(*command.split(), "--merchant", "")
    assert (1, "--merchant: is blank") == (no.exit_code, no.output.split("\n")[0])


@pytest.mark.parametrize(("command", "what"), [(one, what) for what, few in ABOUT_ONE_THING.items() for one in few])
def test_what_is_not_stored_is_not_told_as_if_the_merchant_were_known(shop: Path, command: str, what: str) -> None:
    refused(command, f"coffeeshop is not set up, and no {what} of it is stored")
