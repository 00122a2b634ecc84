"""`paystate outbox` as a person uses it, on a database whose orders have announced something."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from beginnings import copied_database
from click.testing import CliRunner, Result
from contract.samples import announces, opens

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import StorageUnavailable
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.outbox import DeliveryState
from paystate.core.retention import AnnouncementRetention
from paystate.entrypoints.cli.announcements.missed_deliveries import missed_deliveries
from paystate.entrypoints.cli.main import main
from paystate.entrypoints.setup.settings_file import read

SETTINGS = """
public_url = "http://127.0.0.1:8000"
[merchants.teashop]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = { env = "NOT_NEEDED_HERE" }
"""
ENDPOINT = """
[[merchants.teashop.endpoints]]
name = "shop"
url = "https://shop.example.com/told"
secrets = [{ env = "NOT_NEEDED_HERE" }]
"""
BY = ("--by", "Meera")
ORDER = OrderKey("teashop", "Order-1")
ID = event_id_for(ORDER, "review.opened:a")
ALL = frozenset(AnnouncementKind)
HANDLED = frozenset({AnnouncementKind.REVIEW_OPENED})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("paystate.toml").write_text(SETTINGS + ENDPOINT, "utf-8")
    copied_database(tmp_path / "paystate.sqlite3")
    return tmp_path


def paystate(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def told(*args: str) -> str:
    """What a command prints, with every run of blanks as one."""
    result = paystate(*args)
    assert 0 == result.exit_code, result.output
    return " ".join(result.output.split())


def document(*args: str) -> Any:
    result = paystate(*args, "--json")
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)  # a replay is logged beside it


def listed(*args: str) -> list[dict[str, Any]]:
    return document("outbox", "list", *args)["deliveries"]


def announced(
    *,
    subscribed: bool = True,
    dead: bool = False,
    paused: bool = False,
    swept: bool = False,
    begun: bool = False,
    delivered: bool = False,
    name: str = "shop",
    handles: frozenset[AnnouncementKind] = frozenset(),
) -> None:
    async def run() -> None:
        now = datetime.now(UTC)
        async with SqliteStore(Path("paystate.sqlite3")) as store:
            if subscribed:
                await store.subscribe("teashop", name, handles)
            await store.transact(ORDER, opens(ORDER))
            await store.transact(ORDER, announces("a", "b"))
            await store.queue_deliveries("teashop", name, ALL, now)
            if dead:
                for _ in range(2):
                    (row,) = await store.due_deliveries("teashop", name, now, limit=1)
                    await store.begin_delivery(row, now, now)
                    await store.end_delivery(row, DeliveryState.DEAD, now, outcome="answered 500")
            if delivered:
                for _ in range(2):
                    (row,) = await store.due_deliveries("teashop", name, now, limit=1)
                    await store.begin_delivery(row, now, now)
                    await store.end_delivery(row, DeliveryState.DELIVERED, now, outcome="handled")
            if begun:
                (row,) = await store.due_deliveries("teashop", name, now, limit=1)
                await store.begin_delivery(row, now, now + timedelta(minutes=1))
            if paused:
                await store.pause_subscriber("teashop", "shop", now, outcome="answered 410")
            if swept:
                then = now + timedelta(days=99)
                await store.sweep_outbox("teashop", AnnouncementRetention(ended_since=then, waiting_since=then))

    asyncio.run(run())


def states() -> list[str]:
    return [str(one["state"]) for one in listed()]


def test_deliveries_are_listed_with_what_they_wait_for() -> None:
    announced()
    said = told("outbox", "list")
    assert "Order-1 shop waits behind" in said
    assert "Order-1 shop due" in said
    assert ["b", "a"] == [one["about"] for one in listed("--order", "order-1")]
    assert [] == listed("--endpoint", "other")
    assert [] == listed("--state", "dead")


def test_where_nothing_is_it_says_why() -> None:
    assert "Nothing was sent or is to be sent." == told("outbox", "list")
    Path("paystate.toml").write_text(SETTINGS, "utf-8")
    assert "No endpoint is set up and no handler is known, so nothing is sent." == told("outbox", "list")


def test_an_announcement_is_shown_with_its_deliveries() -> None:
    announced()
    said = told("outbox", "show", ID)
    assert f"id {ID}" in said
    assert "order Order-1, version 2" in said
    one = document("outbox", "show", ID)
    assert (ID, 1) == (one["announcement"]["id"], len(one["deliveries"]))


def test_an_announcement_that_was_sent_to_nobody_can_be_pulled() -> None:
    announced(subscribed=False)
    assert "It was sent to nobody. It can be pulled." in told("outbox", "show", ID)


def test_one_that_is_not_there_is_told_so() -> None:
    result = paystate("outbox", "show", "ann_none")
    assert 1 == result.exit_code
    assert "has no announcement ann_none" in result.output


def test_a_replay_first_says_what_it_would_do() -> None:
    announced(dead=True)
    said = told("outbox", "replay", *BY, "--dead", "--dry-run")
    assert "2 would come again. Nothing is changed." in said
    assert ["dead", "dead"] == states()
    assert "2 come again. The worker in `paystate serve` or `paystate worker` will send them." in told(
        "outbox", "replay", *BY, "--dead"
    )
    assert ["waiting", "waiting"] == states()


def logged(*args: str) -> list[tuple[Any, ...]]:
    """What a replay leaves in the log, on standard error."""
    result = paystate("outbox", "replay", *args)
    assert 0 == result.exit_code, result.output
    lines = map(json.loads, result.stderr.splitlines())
    return [(one["message"], one["merchant_id"], one["count"], one["by"]) for one in lines]


def test_who_had_it_delivered_again_is_logged() -> None:
    announced(dead=True)
    assert [] == logged("--dead", "--dry-run", *BY)
    assert [("delivered again", "teashop", 2, "Meera")] == logged("--dead", *BY)
    assert [] == logged("--dead", *BY)  # nothing of that is left


def test_who_had_a_part_of_it_delivered_again_is_logged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    announced(dead=True)
    put_back = SqliteStore.requeue_delivery

    async def fails_at_the_second(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(SqliteStore, "requeue_delivery", fails)
        return await put_back(*args, **more)

    async def fails(*_: Any, **__: Any) -> Any:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(SqliteStore, "requeue_delivery", fails_at_the_second)
    result = paystate("outbox", "replay", "--dead", *BY)
    assert 1 == result.exit_code
    assert '"count": 1' in result.stderr


def test_nobody_has_anything_delivered_again_without_a_name() -> None:
    announced(dead=True)
    assert "Missing option '--by'" in " ".join(paystate("outbox", "replay", "--dead").output.split())
    no = paystate("outbox", "replay", "--dead", "--by", "a\nb")
    assert (1, True) == (no.exit_code, no.output.startswith("--by: "))
    assert ["dead", "dead"] == states()


def test_what_is_kept_no_more_is_made_again_from_the_journal() -> None:
    announced(dead=True, swept=True)
    assert 1 == len(states())
    assert ["a", "b"] == [
        one["about"] for one in document("outbox", "replay", *BY, "--since", "2020-01-01T00:00:00Z")["announcements"]
    ]
    assert ["waiting", "waiting"] == states()
    assert f"id {ID}" in told("outbox", "show", ID)


def test_a_replay_that_no_endpoint_gets_says_where_it_can_be_pulled() -> None:
    Path("paystate.toml").write_text(SETTINGS, "utf-8")
    announced(subscribed=False, swept=True)
    assert "2 would be there to pull. Nothing is changed." in told(
        "outbox", "replay", *BY, "--order", "Order-1", "--dry-run"
    )
    said = told("outbox", "replay", *BY, "--order", "Order-1")
    assert "2 can be pulled. What was kept no more comes at the end, all else behind an earlier cursor." in said


def test_one_announcement_is_sent_again_by_its_id_or_its_order() -> None:
    announced(dead=True)
    assert [ID] == [one["id"] for one in document("outbox", "replay", *BY, ID)["announcements"]]
    assert ["dead", "waiting"] == states()
    assert 2 == len(document("outbox", "replay", *BY, "--order", "ORDER-1", "--endpoint", "shop")["announcements"])
    assert ["waiting", "waiting"] == states()
    assert "Nothing of that was announced." in told("outbox", "replay", *BY, "--order", "none")


def test_several_announcements_are_sent_again_by_their_ids() -> None:
    announced(dead=True)
    other = event_id_for(ORDER, "review.opened:b")
    assert [other, ID] == [one["id"] for one in document("outbox", "replay", *BY, other, ID)["announcements"]]
    assert ["waiting", "waiting"] == states()


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ([], "does not say which announcements"),
        (["--dead", "--endpoint", "other"], "is none of the endpoints"),
        (["--since", "yesterday"], "is not an instant"),
        (["--order", "no/id"], "is not an order id"),
        (["--order", "", "--dead"], "--order: is blank"),
        (["--endpoint", " ", "--dead"], "--endpoint: is blank"),
        (["", "--dead"], "ID: is blank"),
    ],
)
def test_a_replay_of_nothing_in_particular_is_refused(args: list[str], problem: str) -> None:
    result = paystate("outbox", "replay", *BY, *args)
    assert 1 == result.exit_code
    assert problem in result.output


@pytest.mark.parametrize("option", ["--order", "--endpoint"])
def test_a_blank_option_does_not_list_everything(option: str) -> None:
    result = paystate("outbox", "list", option, "")
    assert (1, f"{option}: is blank") == (result.exit_code, result.output.splitlines()[0])


def test_what_a_handler_missed_is_queued_for_the_program_that_has_it() -> None:
    announced(dead=True, name="ship", handles=HANDLED)
    called = "The worker of your own program that registers them with `pay.on` calls the handlers: ship."
    assert called in told("outbox", "replay", *BY, "--dead", "--dry-run")
    assert called in told("outbox", "replay", *BY, "--dead")
    assert ["waiting", "waiting"] == states()


def test_a_handler_is_sent_anew_what_was_announced_since() -> None:
    announced(name="ship", handles=HANDLED, dead=True, swept=True)
    since = ("outbox", "replay", *BY, "--since", "2020-01-01T00:00:00Z")
    assert [["shop", "ship"]] * 2 == [
        sorted(one["endpoints"], reverse=True) for one in document(*since)["announcements"]
    ]
    assert ["waiting"] * 4 == states()
    only = document("outbox", "replay", *BY, "--order", "Order-1", "--endpoint", "ship")["announcements"]
    assert [["ship"], ["ship"]] == [one["endpoints"] for one in only]


def test_what_is_being_sent_at_this_moment_is_not_sent_twice() -> None:
    announced(begun=True)
    said = told("outbox", "replay", *BY, "--order", "Order-1")
    assert 1 == said.count("shop (being ")
    assert "nobody" not in said


def test_a_handler_is_not_sent_what_it_does_not_want() -> None:
    announced(name="ship", handles=frozenset({AnnouncementKind.ORDER_PAID}))
    assert [["shop"], ["shop"]] == [
        one["endpoints"] for one in document("outbox", "replay", *BY, "--order", "Order-1")["announcements"]
    ]


def test_what_an_endpoint_missed_that_is_not_set_up_any_more_is_left_alone() -> None:
    announced(dead=True, name="old")
    assert "Nothing of that was announced." in told("outbox", "replay", *BY, "--dead")
    assert [] == doctor_finds()


def test_an_endpoint_that_was_gone_is_seen_and_resumed() -> None:
    announced(paused=True)
    assert "shop gets nothing since" in told("outbox", "list")
    assert "shop gets what is announced from now on." in told("outbox", "resume", "shop")
    assert "gets nothing since" not in told("outbox", "list")
    again = paystate("outbox", "resume", "shop")
    assert (1, True) == (again.exit_code, "shop was not stopped" in again.output)


def test_a_handler_with_another_name_now_is_forgotten() -> None:
    announced(name="ship", handles=HANDLED)
    said = told("outbox", "unsubscribe", "ship")
    assert "ship is forgotten, and what waited for it (2) is given up." in said
    assert ["dead", "dead"] == states()
    again = paystate("outbox", "unsubscribe", "ship")
    assert (1, True) == (again.exit_code, "nobody is known as ship" in again.output)


def test_a_handler_that_is_up_to_date_is_not_forgotten() -> None:
    announced(name="ship", handles=HANDLED, delivered=True)
    refused = paystate("outbox", "unsubscribe", "ship")
    assert (1, True) == (refused.exit_code, "a program may work for it" in " ".join(refused.output.split()))


def test_an_endpoint_of_the_settings_is_not_forgotten() -> None:
    announced()
    refused = paystate("outbox", "unsubscribe", "shop")
    assert (1, True) == (refused.exit_code, "shop is an endpoint of the settings" in refused.output)
    assert ["waiting", "waiting"] == states()


def test_an_endpoint_that_answered_gone_and_was_taken_out_is_forgotten() -> None:
    announced(paused=True)
    Path("paystate.toml").write_text(SETTINGS, "utf-8")
    assert "shop is forgotten, and what waited for it (0) is given up." in told("outbox", "unsubscribe", "shop")
    assert "gets nothing since" not in told("outbox", "list")


def doctor_says() -> list[tuple[str, str, str]]:
    async def run() -> list[tuple[str, str, str]]:
        return [(one.setting, one.message, one.fix) async for one in missed_deliveries(read(Path("paystate.toml")))]

    return asyncio.run(run())


def doctor_finds() -> list[str]:
    return [message for _, message, _ in doctor_says()]


def test_the_doctor_finds_nothing_where_all_is_heard() -> None:
    announced()
    assert [] == doctor_finds()


def test_the_doctor_names_an_endpoint_that_was_gone() -> None:
    announced(paused=True)
    (gone, missed) = doctor_finds()
    assert gone.startswith("shop gets nothing since ")
    assert missed.endswith("(answered 410)")


def test_the_doctor_names_what_was_given_up() -> None:
    announced(dead=True)
    assert ["shop has missed what was sent to it (answered 500)"] == doctor_finds()
    Path("paystate.toml").write_text(SETTINGS, "utf-8")
    assert [] == doctor_finds()


def test_the_doctor_names_a_handler_that_missed_something_and_who_calls_it_again() -> None:
    Path("paystate.toml").write_text(SETTINGS, "utf-8")
    announced(dead=True, name="ship", handles=HANDLED)
    ((place, message, fix),) = doctor_says()
    assert "teashop, handlers of `pay.on`" == place
    assert "ship has missed what was sent to it (answered 500)" == message
    assert "`paystate outbox replay --dead --endpoint ship --by NAME` queues it again" in fix
    assert "the worker of your own program, which has the handler, calls it" in fix
