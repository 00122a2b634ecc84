"""What `Store` promises of the console's people, their sessions, and what waits for a second person."""

from datetime import datetime

import pytest
from attrs import evolve
from contract.samples import KEY, NOW, OTHER, after_s
from contract.store.forgetting import BY, LATE, open_for_asha

from paystate.core.console.actions import Action, ActionKind
from paystate.core.console.proposals import EXPIRES, WAITING_MAX, NotDecided, Proposal, ProposalState
from paystate.core.console.sessions import ABSOLUTE, IDLE, SESSIONS_MAX, ConsoleSession
from paystate.core.console.users import ConsoleUser, Role
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import Store

ASHA = ConsoleUser(name="asha", role=Role.ADMIN, password_hash="a hash", added_at=NOW)
OMAR = ConsoleUser(name="omar", role=Role.OPERATOR, password_hash="a hash", added_at=NOW, disabled_at=NOW)
ACTION = Action(kind=ActionKind.REFUND, key="k", amount=Money(9000, "INR"), words="the lamp was broken")


def session(digest: str, at_s: int = 0, user: str = "asha") -> ConsoleSession:
    at = after_s(at_s)
    return ConsoleSession(token_digest=digest, user=user, began_at=at, seen_at=at, proved_at=at)


def proposal(proposal_id: str, at_s: int = 0, order: OrderKey = KEY) -> Proposal:
    return Proposal(
        proposal_id=proposal_id,
        order=order,
        action=ACTION,
        money=Money(9000, "INR"),
        by="omar",
        made_at=after_s(at_s),
    )


async def begins(store: Store, one: ConsoleSession, in_place_of: str = "", now: datetime = NOW) -> bool:
    return await store.begin_console_session(one, password_hash="a hash", in_place_of=in_place_of, now=now)


def agreed(kept: Proposal) -> Proposal:
    return evolve(kept, state=ProposalState.AGREED, decided_by="asha", decided_at=NOW)


class ConsoleContract:
    async def test_people_are_kept_by_name(self, store: Store) -> None:
        for user in (OMAR, ASHA):
            assert await store.add_console_user(user)
        assert [ASHA, OMAR] == list(await store.console_users())
        assert ASHA == await store.console_user("asha")
        assert await store.console_user("nobody") is None

    async def test_a_name_is_given_once(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        assert not await store.add_console_user(evolve(ASHA, role=Role.VIEWER))
        assert ASHA == await store.console_user("asha")

    async def test_to_change_a_person_ends_all_their_sessions_and_nobody_else_s(self, store: Store) -> None:
        for user in (ASHA, OMAR):
            await store.add_console_user(user)
        for one in (session("d1"), session("d2"), session("d3", user="omar")):
            assert await begins(store, one)
        changed = evolve(ASHA, role=Role.VIEWER, password_hash="another", disabled_at=NOW)
        assert changed == await store.change_console_user("asha", lambda _: changed)
        assert changed == await store.console_user("asha")
        assert [None, None] == [await store.console_session(digest) for digest in ("d1", "d2")]
        assert (session("d3", user="omar"), OMAR) == await store.console_session("d3")

    async def test_nobody_is_changed_into_being(self, store: Store) -> None:
        assert await store.change_console_user("asha", lambda _: ASHA) is None
        assert [] == list(await store.console_users())

    async def test_two_changes_of_a_person_are_both_kept(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        read = await store.console_user("asha")
        await store.change_console_user("asha", lambda kept: evolve(kept, disabled_at=NOW))
        after = await store.change_console_user("asha", lambda kept: evolve(kept, role=Role.VIEWER))
        assert (ASHA, evolve(ASHA, role=Role.VIEWER, disabled_at=NOW)) == (read, after)

    async def test_a_session_does_not_begin_with_a_password_that_was_another_s_meanwhile(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        await begins(store, session("d1"))
        await store.change_console_user("asha", lambda kept: evolve(kept, password_hash="another"))
        assert not await begins(store, session("d2"), in_place_of="d1")
        assert not await begins(store, session("d3", user="nobody"))
        assert [None, None] == [await store.console_session(digest) for digest in ("d2", "d3")]

    async def test_a_session_is_found_by_its_token_with_its_person(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        await begins(store, session("d1"))
        assert (session("d1"), ASHA) == await store.console_session("d1")
        assert await store.console_session("d2") is None

    async def test_a_session_takes_the_place_of_another(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        await begins(store, session("d1"))
        await begins(store, session("d2"), in_place_of="d1")
        assert await store.console_session("d1") is None
        assert await store.console_session("d2")

    async def test_what_a_session_has_seen_is_kept_and_one_that_ended_stays_so(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        await begins(store, session("d1"))
        later = evolve(session("d1"), seen_at=after_s(60), proved_at=after_s(30))
        await store.keep_console_session(later)
        assert (later, ASHA) == await store.console_session("d1")
        await store.end_console_session("d1")
        await store.end_console_session("d1")
        await store.keep_console_session(later)
        assert await store.console_session("d1") is None

    async def test_sessions_that_are_over_are_forgotten_when_one_begins(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        now = NOW + ABSOLUTE
        too_old = evolve(session("old"), seen_at=now)
        idle = evolve(session("idle", at_s=1), seen_at=now - IDLE)
        live = evolve(session("live", at_s=1), seen_at=now)
        for one in (too_old, idle, live):
            await begins(store, one)
        await begins(store, session("new", at_s=ABSOLUTE.seconds), now=now)
        known = ["old", "idle", "live", "new"]
        assert ["live", "new"] == [name for name in known if await store.console_session(name)]

    async def test_a_person_has_a_bounded_number_of_sessions(self, store: Store) -> None:
        await store.add_console_user(ASHA)
        for number in range(SESSIONS_MAX + 1):
            await begins(store, session(f"d{number}", at_s=number))
        assert await store.console_session("d0") is None
        assert await store.console_session("d1")

    @pytest.mark.parametrize("passes_s", [0, -1], ids=["stands-still", "goes-back"])
    async def test_whoever_signs_in_stays_signed_in_whatever_the_clock_does(self, store: Store, passes_s: int) -> None:
        await store.add_console_user(ASHA)
        digests = [f"d{number:02}" for number in range(SESSIONS_MAX + 5)]
        for number, digest in enumerate(digests):
            await begins(store, session(digest, at_s=number * passes_s))
            assert await store.console_session(digest)
        assert SESSIONS_MAX == len([digest for digest in digests if await store.console_session(digest)])

    async def test_a_proposal_is_kept_as_it_was_made(self, store: Store) -> None:
        assert proposal("p1") == await store.add_proposal(proposal("p1"))
        assert proposal("p1") == await store.proposal("p1")
        assert await store.proposal("p2") is None

    async def test_the_same_proposal_again_changes_nothing(self, store: Store) -> None:
        await store.add_proposal(proposal("p1"))
        assert proposal("p1") == await store.add_proposal(evolve(proposal("p1"), by="somebody else"))
        assert proposal("p1") == await store.proposal("p1")

    async def test_proposals_come_by_order_and_by_age(self, store: Store) -> None:
        for one in (proposal("p1"), proposal("p2", 1), proposal("p3", 2, OTHER)):
            await store.add_proposal(one)
        assert ["p2", "p1"] == [one.proposal_id for one in await store.proposals_of(KEY)]
        waiting = await store.proposals_in(ProposalState.WAITING, after_s(0))
        assert ["p2", "p3"] == [one.proposal_id for one in waiting]

    async def test_a_decision_is_kept_and_a_no_changes_nothing(self, store: Store) -> None:
        await store.add_proposal(proposal("p1"))
        assert NotDecided.OWN == await store.decide_proposal("p1", lambda _: NotDecided.OWN)
        assert proposal("p1") == await store.proposal("p1")
        assert agreed(proposal("p1")) == await store.decide_proposal("p1", agreed)
        assert agreed(proposal("p1")) == await store.proposal("p1")
        kept_in = [list(await store.proposals_in(state, after_s(-1))) for state in ProposalState]
        assert [[], [agreed(proposal("p1"))], [], []] == kept_in
        assert await store.decide_proposal("none", agreed) is None

    async def test_an_order_has_a_bounded_number_of_proposals_that_wait(self, store: Store) -> None:
        for number in range(WAITING_MAX):
            assert await store.add_proposal(proposal(f"p{number}"))
        assert not await store.add_proposal(proposal("one more"))
        assert await store.add_proposal(proposal("of another", order=OTHER))
        await store.decide_proposal("p0", agreed)
        assert await store.add_proposal(proposal("one more"))

    async def test_proposals_that_have_expired_do_not_count(self, store: Store) -> None:
        for number in range(WAITING_MAX):
            await store.add_proposal(proposal(f"p{number}"))
        assert await store.add_proposal(evolve(proposal("later"), made_at=NOW + EXPIRES))

    async def test_a_customer_who_is_forgotten_goes_out_of_the_words_of_the_orders_proposals(
        self, store: Store
    ) -> None:
        await open_for_asha(store)
        for name, order in (("p1", KEY), ("p2", OTHER)):
            told = proposal(name, order=order)
            await store.add_proposal(evolve(told, action=evolve(ACTION, words="c-77 wrote from asha@example.com")))
        await store.transact(KEY, lambda order: decide(order, ForgetCustomer(by=BY), DEFAULT, LATE))
        words = [one.action.words for key in (KEY, OTHER) for one in await store.proposals_of(key)]
        assert ["*** wrote from ***", "c-77 wrote from asha@example.com"] == words
