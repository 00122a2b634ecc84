"""The ports of the console: its people, their sessions, what waits for a second person, and how passwords are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from paystate.core.console.proposals import NotDecided, Proposal, ProposalState
from paystate.core.console.sessions import ConsoleSession
from paystate.core.console.users import ConsoleUser
from paystate.core.ids import OrderKey


class PasswordHasher(Protocol):
    """How passwords are kept."""

    async def hashed(self, password: str) -> str:
        """A new hash with a salt of its own."""
        ...

    async def fits(self, password: str, password_hash: str) -> bool:
        """Whether the hash was made of that password. With `""` for the hash it is False, after as long a time."""
        ...


class ConsoleDesk(Protocol):
    """The console's people, sessions and proposals."""

    async def add_console_user(self, user: ConsoleUser) -> bool:
        """Keep a new person; returns False, and keeps nothing, where the name is taken."""
        ...

    async def change_console_user(self, name: str, fn: Callable[[ConsoleUser], ConsoleUser]) -> ConsoleUser | None:
        """Run `fn` on the person under their lock, keep what it returns, and end all their sessions.

        `fn` is pure and sync, may run twice, and changes neither name nor `added_at`. Returns the person as kept, or
        None where there is no such person.
        """
        ...

    async def console_user(self, name: str) -> ConsoleUser | None:
        """One person."""
        ...

    async def console_users(self) -> Sequence[ConsoleUser]:
        """All of them, by name."""
        ...

    async def begin_console_session(
        self, session: ConsoleSession, *, password_hash: str, in_place_of: str, now: datetime
    ) -> bool:
        """Keep a new session; the one with the digest `in_place_of` ends.

        Returns False, and keeps and ends nothing, where the person's hash is not `password_hash` any more: to look at
        a password takes long, and another one may have been given meanwhile.

        Sessions that are not live any more are forgotten, and so are the oldest of the person's beyond `SESSIONS_MAX`.
        The new one stays in any case, also where the clock stood still or was set back.
        """
        ...

    async def console_session(self, token_digest: str) -> tuple[ConsoleSession, ConsoleUser] | None:
        """A session as it is kept, live or not, with its person."""
        ...

    async def keep_console_session(self, session: ConsoleSession) -> None:
        """Keep when it was seen and proved; no effect where it has ended meanwhile."""
        ...

    async def end_console_session(self, token_digest: str) -> None:
        """End it, if it is there."""
        ...

    async def add_proposal(self, proposal: Proposal) -> Proposal | None:
        """Keep a new proposal and return it; None where `WAITING_MAX` of the order wait already.

        The same id again changes nothing and returns what is kept under it.
        """
        ...

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """One proposal."""
        ...

    async def decide_proposal(
        self, proposal_id: str, fn: Callable[[Proposal], Proposal | NotDecided]
    ) -> Proposal | NotDecided | None:
        """Run `fn` on the proposal under its lock and keep what it returns; None where there is no such proposal.

        `fn` is pure and sync and may run twice.
        """
        ...

    async def proposals_of(self, key: OrderKey) -> Sequence[Proposal]:
        """The newest 20 of an order, newest first."""
        ...

    async def proposals_in(self, state: ProposalState, since: datetime) -> Sequence[Proposal]:
        """The oldest `LISTED_MAX` that were made since then and are kept in that state, of all merchants."""
        ...
