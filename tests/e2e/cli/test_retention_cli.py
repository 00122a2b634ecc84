"""`paystate retention run` as a person uses it, on a database that webhooks have come to."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from beginnings import copied_database
from click.testing import CliRunner, Result

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook
from paystate.entrypoints.cli.main import main

SETTINGS = """
public_url = "http://127.0.0.1:8000"
[merchants.teashop]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = { env = "NOT_NEEDED_HERE" }
[merchants.teashop.policy]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    chosen("")
    copied_database(tmp_path / "paystate.sqlite3")
    return tmp_path


def chosen(policy: str) -> None:
    Path("paystate.toml").write_text(SETTINGS + policy, "utf-8")


def paystate(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def told(*args: str) -> str:
    """What a command prints, with every run of blanks as one."""
    result = paystate(*args)
    assert 0 == result.exit_code, result.output
    return " ".join(result.output.split())


def came(days_ago: int, *, verdict: InboxVerdict, merchant_id: str = "teashop", body: bytes = b"x" * 600) -> None:
    at = datetime.now(UTC) - timedelta(days=days_ago)

    async def run() -> None:
        async with SqliteStore(Path("paystate.sqlite3")) as store:
            await store.append_inbox(ReceivedWebhook(merchant_id, f"{verdict}-{days_ago}", body, at))
            for row in await store.take_inbox():
                await store.end_inbox(row.id, verdict)

    asyncio.run(run())


def some_of_each() -> None:
    came(40, verdict=InboxVerdict.UNREADABLE)
    came(20, verdict=InboxVerdict.UNREADABLE)
    came(100, verdict=InboxVerdict.LOOKED)
    came(40, verdict=InboxVerdict.NO_ORDER, merchant_id="closed")


def listed() -> str:
    return told("inbox", "list", "--all")


def test_it_takes_away_what_is_too_old_and_says_how_much_of_each_merchant() -> None:
    some_of_each()
    said = told("retention", "run")
    assert "teashop 1 1 1,200 0" in said
    assert "closed 1 0 600 0 no longer in the settings; the default policy applies" in said
    assert "The database file keeps its size" in said
    left = listed()
    assert (1, 1, 1) == (left.count("unreadable"), left.count("looked"), left.count("the body is no longer kept"))


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    some_of_each()
    before = listed()
    said = told("retention", "run", "--dry-run")
    assert ("teashop 1 1 1,200 0" in said, "Nothing is changed" in said) == (True, True)
    assert before == listed()


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_nothing_to_do_is_said(more: tuple[str, ...]) -> None:
    came(20, verdict=InboxVerdict.UNREADABLE)
    assert "Nothing is kept for longer than it should be." in told("retention", "run", *more)


def test_the_merchant_s_own_policy_counts() -> None:
    came(20, verdict=InboxVerdict.UNREADABLE)
    chosen("quarantine_kept_s = 864000")
    assert "teashop 1 0 600" in told("retention", "run")


@pytest.mark.parametrize("days", [0, -1])
def test_a_policy_that_keeps_nothing_is_refused_before_anything_goes(days: int) -> None:
    came(20, verdict=InboxVerdict.UNREADABLE)
    chosen(f"webhook_bodies_kept_s = {days}")
    refused = paystate("retention", "run")
    assert 1 == refused.exit_code
    assert "merchants.teashop.policy.webhook_bodies_kept_s: is out of range" in refused.output
    assert "to fix it: give 86400 to 316224000" in refused.output
    chosen("")
    assert "unreadable" in listed()
