"""The console's people, sessions and proposals of the store in memory. Proposals are kept in their stored form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import evolve

from paystate.adapters.storage.codec import decoded_proposal, encoded
from paystate.core.console.proposals import (
    EXPIRES,
    LISTED_MAX,
    WAITING_MAX,
    NotDecided,
    Proposal,
    ProposalState,
    without_customer,
)
from paystate.core.console.sessions import SESSIONS_MAX, ConsoleSession, is_live
from paystate.core.console.users import ConsoleUser
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Customer


class MemoryConsole:
    """See `ConsoleDesk`."""

    def __init__(self) -> None:
        self._users: dict[str, ConsoleUser] = {}
        self._sessions: dict[str, ConsoleSession] = {}
        self._proposals: dict[str, str] = {}

    async def add_console_user(self, user: ConsoleUser) -> bool:
        """See `ConsoleDesk.add_console_user`."""
        return self._users.setdefault(user.name, user) is user

    async def change_console_user(self, name: str, fn: Callable[[ConsoleUser], ConsoleUser]) -> ConsoleUser | None:
        """See `ConsoleDesk.change_console_user`."""
        if name not in self._users:
            return None
        self._users[name] = fn(self._users[name])
        self._sessions = {digest: one for digest, one in self._sessions.items() if one.user != name}
        return self._users[name]

    async def console_user(self, name: str) -> ConsoleUser | None:
        """See `ConsoleDesk.console_user`."""
        return self._users.get(name)

    async def console_users(self) -> Sequence[ConsoleUser]:
        """See `ConsoleDesk.console_users`."""
        return [self._users[name] for name in sorted(self._users)]

    async def begin_console_session(
        self, session: ConsoleSession, *, password_hash: str, in_place_of: str, now: datetime
    ) -> bool:
        """See `ConsoleDesk.begin_console_session`."""
        user = self._users.get(session.user)
        if user is None or user.password_hash != password_hash:
            return False
        kept = [one for name, one in self._sessions.items() if name != in_place_of and is_live(one, now)]
        others = sorted((one for one in kept if one.user == session.user), key=lambda one: one.began_at, reverse=True)
        ended = others[SESSIONS_MAX - 1 :]
        self._sessions = {one.token_digest: one for one in (*kept, session) if one not in ended}
        return True

    async def console_session(self, token_digest: str) -> tuple[ConsoleSession, ConsoleUser] | None:
        """See `ConsoleDesk.console_session`."""
        session = self._sessions.get(token_digest)
        return (session, self._users[session.user]) if session else None

    async def keep_console_session(self, session: ConsoleSession) -> None:
        """See `ConsoleDesk.keep_console_session`."""
        if kept := self._sessions.get(session.token_digest):
            later = evolve(kept, seen_at=session.seen_at, proved_at=session.proved_at)
            self._sessions[session.token_digest] = later

    async def end_console_session(self, token_digest: str) -> None:
        """See `ConsoleDesk.end_console_session`."""
        self._sessions.pop(token_digest, None)

    async def add_proposal(self, proposal: Proposal) -> Proposal | None:
        """See `ConsoleDesk.add_proposal`."""
        if kept := await self.proposal(proposal.proposal_id):
            return kept
        since = proposal.made_at - EXPIRES
        waiting = self._in(ProposalState.WAITING)
        if sum(one.order == proposal.order and one.made_at > since for one in waiting) >= WAITING_MAX:
            return None
        self._proposals[proposal.proposal_id] = encoded(proposal)
        return proposal

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """See `ConsoleDesk.proposal`."""
        text = self._proposals.get(proposal_id)
        return decoded_proposal(text) if text else None

    async def decide_proposal(
        self, proposal_id: str, fn: Callable[[Proposal], Proposal | NotDecided]
    ) -> Proposal | NotDecided | None:
        """See `ConsoleDesk.decide_proposal`."""
        kept = await self.proposal(proposal_id)
        if kept is None:
            return None
        after = fn(kept)
        if isinstance(after, Proposal):
            self._proposals[proposal_id] = encoded(after)
        return after

    async def proposals_of(self, key: OrderKey) -> Sequence[Proposal]:
        """See `ConsoleDesk.proposals_of`."""
        ours = [one for one in map(decoded_proposal, self._proposals.values()) if one.order == key]
        return sorted(ours, key=lambda one: one.made_at, reverse=True)[:20]

    async def proposals_in(self, state: ProposalState, since: datetime) -> Sequence[Proposal]:
        """See `ConsoleDesk.proposals_in`."""
        made = (one for one in self._in(state) if one.made_at > since)
        return sorted(made, key=lambda one: one.made_at)[:LISTED_MAX]

    def _forget_in_proposals(self, key: OrderKey, customer: Customer) -> None:
        """Take a customer who is forgotten out of the words of an order's proposals."""
        ours = [one for one in map(decoded_proposal, self._proposals.values()) if one.order == key]
        self._proposals |= {one.proposal_id: encoded(without_customer(one, customer)) for one in ours}

    def _in(self, state: ProposalState) -> Sequence[Proposal]:
        return [one for one in map(decoded_proposal, self._proposals.values()) if one.state is state]
