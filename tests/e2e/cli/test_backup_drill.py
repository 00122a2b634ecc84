"""The drill of docs/deploy/backups.md: back up while shoppers buy, lose the machine, restore, and go on."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from e2e.programs import ended
from e2e.shop import START, Shop, process, shop
from e2e.standin import CLOCK
from patience import until

NEWER = "Bk7Q2mZ9xT42"


async def ran(at: Shop, command: str, *options: str) -> str:
    """Run a command to its end; returns what it printed."""
    done = await ended(command, "--settings", at.settings, *options)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def put_back(copy: Path, database: Path) -> None:
    """The machine is lost: all three files are gone, and the backup is in their place."""
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    copy.rename(database)


async def test_a_backup_made_under_load_is_restored_and_no_refund_is_made_twice(tmp_path: Path) -> None:
    copy, database = tmp_path / "backup.sqlite3", tmp_path / "paystate.sqlite3"
    async with shop(tmp_path, now=START) as at:
        async with process(at) as service:
            await at.charged()
            buying = [asyncio.create_task(at.opened(order_id=f"Load{number}")) for number in range(40)]
            told = await ran(at, "backup", str(copy))
            await asyncio.gather(*buying)
            assert 201 == (await at.refund("100.00", "k-1")).status_code
            await at.charged(order_id=NEWER)
            service.kill()
        (refund_id,) = at.called("refund")

        put_back(copy, database)
        await ran(at, "migrate")
        assert re.search(r"paystate resync --since \S+Z --by NAME", told)
        await ran(
            at,
            "resync",
            "--clock-url",
            at.juspay.url + CLOCK,
            "--since",
            f"{START:%Y-%m-%dT%H:%M:%SZ}",
            "--by",
            "Meera",
        )

        async with process(at):
            # The worker may find the refund at Juspay before the shop asks for it again.
            answer = await at.refund("100.00", "k-1")
            assert answer.status_code in (200, 201), answer.text
            assert refund_id == answer.json()["refund"]["refund_id"]

            async def is_sure() -> bool:
                return not (await at.order())["unsure"]

            await until(is_sure)
            order = await at.order()
            assert ("100.00", "249.50") == (order["amount_reserved"], order["amount_refundable"])
            assert [refund_id] == at.called("refund")
            await at.opened(order_id=NEWER)
            assert (await at.look(NEWER))["paid"]
