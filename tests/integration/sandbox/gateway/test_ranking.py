"""Several attempts of one order: which gives it its status, and what is not given back (contract G.1)."""

from __future__ import annotations

from itertools import groupby

from integration.sandbox.playing import Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig
from paystate.entrypoints.sandbox.gateway.statuses import RANK


async def test_a_charged_attempt_outranks_a_pending_one_whichever_is_newer(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "stuck@upi"})
    pending = (await player.status())["status"]
    await player.page_open()
    await player.act("pay", method={"upi": "success@upi"})
    body = await player.status()
    assert ("PENDING_VBV", "CHARGED", "bakery-bun-7Kq2-2") == (pending, body["status"], body["txn_id"])


def test_the_ranking_is_the_decided_one() -> None:
    ascending = sorted(RANK, key=lambda status: (RANK[status], status))
    assert [
        ["NEW"],
        ["AUTHENTICATION_FAILED", "AUTHORIZATION_FAILED", "JUSPAY_DECLINED"],
        ["STARTED"],
        ["PENDING_VBV"],
        ["VBV_SUCCESSFUL"],
        ["AUTHORIZING"],
        ["CAPTURE_FAILED", "VOIDED", "VOID_FAILED"],
        ["AUTHORIZED"],
        ["CAPTURE_INITIATED", "VOID_INITIATED"],
        ["AUTO_REFUNDED"],
        ["PARTIAL_CHARGED"],
        ["CHARGED"],
    ] == [
        group
        for _, statuses in groupby(ascending, RANK.__getitem__)
        if (group := [one for one in statuses if one not in {"COD_INITIATED", "TO_BE_CHARGED"}])
    ]


async def test_what_made_a_mandate_is_not_given_back_by_itself() -> None:
    player = player_of(SandboxConfig((bakery(),), auto_refund=True, pending_settles_after_s=601))
    await player.page_open(**{"options.create_mandate": "REQUIRED"})
    await player.act("pay", method={"upi": "late@upi"})
    player.clock.advance(601)
    assert "CHARGED" == (await player.status())["status"]
