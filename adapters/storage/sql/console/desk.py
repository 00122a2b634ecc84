"""The part of a store in SQL that is the `ConsoleDesk`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from paystate.adapters.storage.codec import decoded_proposal, encoded
from paystate.adapters.storage.instants import instant, instant_or_none, micros, micros_or_none
from paystate.adapters.storage.sql.access import Access
from paystate.adapters.storage.sql.steps import Row, Sql, Steps, alone, change, fetch
from paystate.core.console.proposals import EXPIRES, LISTED_MAX, WAITING_MAX, NotDecided, Proposal, ProposalState
from paystate.core.console.sessions import ABSOLUTE, IDLE, SESSIONS_MAX, ConsoleSession
from paystate.core.console.users import ConsoleUser, Role
from paystate.core.ids import OrderKey

_USER: Final = "name, role, password_hash, added_at, disabled_at"
_ADD_USER: Final = Sql(f"""
    insert into console_users ({_USER}) values (?, ?, ?, ?, ?) on conflict (name) do nothing
""")  # noqa: S608 - only our own names of columns
_CHANGE_USER: Final = Sql("""
    update console_users set role = ?, password_hash = ?, disabled_at = ? where name = ?
""")
_ONE_USER: Final = Sql(f"select {_USER} from console_users where name = ?")  # noqa: S608
_LOCK_USER: Final = Sql(f"select {_USER} from console_users where name = ? [for update]")  # noqa: S608
_USERS: Final = Sql(f"select {_USER} from console_users order by name")  # noqa: S608
_BEGIN: Final = Sql("""
    insert into console_sessions (token_digest, name, began_at, seen_at, proved_at) values (?, ?, ?, ?, ?)
""")
_SESSION: Final = Sql("""
    select s.token_digest, s.name, s.began_at, s.seen_at, s.proved_at,
        u.name, u.role, u.password_hash, u.added_at, u.disabled_at
    from console_sessions s join console_users u on u.name = s.name where s.token_digest = ?
""")
_KEEP: Final = Sql("update console_sessions set seen_at = ?, proved_at = ? where token_digest = ?")
_END: Final = Sql("delete from console_sessions where token_digest = ?")
_END_ALL: Final = Sql("delete from console_sessions where name = ?")
_END_OLD: Final = Sql("delete from console_sessions where began_at <= ? or seen_at <= ?")
_OTHERS: Final = Sql("""
    select token_digest from console_sessions where name = ? and token_digest <> ? order by began_at desc, token_digest
""")
_ADD_PROPOSAL: Final = Sql("""
    insert into console_proposals (proposal_id, merchant_id, order_key, state, made_at, body)
    values (?, ?, ?, ?, ?, ?) on conflict (proposal_id) do nothing
""")
_WAITING: Final = Sql("""
    select count(*) from console_proposals
    where merchant_id = ? and order_key = ? and state = 'waiting' and made_at > ?
""")
_PROPOSAL: Final = Sql("select body from console_proposals where proposal_id = ?")
_LOCK_PROPOSAL: Final = Sql("select body from console_proposals where proposal_id = ? [for update]")
_DECIDE: Final = Sql("update console_proposals set state = ?, body = ? where proposal_id = ?")
_OF_ORDER: Final = Sql("""
    select body from console_proposals where merchant_id = ? and order_key = ?
    order by made_at desc, proposal_id limit 20
""")
_IN_STATE: Final = Sql(f"""
    select body from console_proposals where state = ? and made_at > ?
    order by made_at, proposal_id limit {LISTED_MAX}
""")  # noqa: S608 - only our own number


class SqlConsole(Access):
    """The console's people, sessions and proposals."""

    async def add_console_user(self, user: ConsoleUser) -> bool:
        """See `ConsoleDesk.add_console_user`."""
        return await self._write(lambda: _add_user(user))

    async def change_console_user(self, name: str, fn: Callable[[ConsoleUser], ConsoleUser]) -> ConsoleUser | None:
        """See `ConsoleDesk.change_console_user`."""
        return await self._write(lambda: _change_user(name, fn))

    async def console_user(self, name: str) -> ConsoleUser | None:
        """See `ConsoleDesk.console_user`."""
        return await self._read(lambda: _one_user(_ONE_USER, name))

    async def console_users(self) -> Sequence[ConsoleUser]:
        """See `ConsoleDesk.console_users`."""
        return await self._read(_users)

    async def begin_console_session(
        self, session: ConsoleSession, *, password_hash: str, in_place_of: str, now: datetime
    ) -> bool:
        """See `ConsoleDesk.begin_console_session`."""
        return await self._write(lambda: _begin(session, password_hash, in_place_of, now))

    async def console_session(self, token_digest: str) -> tuple[ConsoleSession, ConsoleUser] | None:
        """See `ConsoleDesk.console_session`."""
        return await self._read(lambda: _session(token_digest))

    async def keep_console_session(self, session: ConsoleSession) -> None:
        """See `ConsoleDesk.keep_console_session`."""
        values = (micros(session.seen_at), micros(session.proved_at), session.token_digest)
        await self._write(lambda: change(_KEEP, *values))

    async def end_console_session(self, token_digest: str) -> None:
        """See `ConsoleDesk.end_console_session`."""
        await self._write(lambda: change(_END, token_digest))

    async def add_proposal(self, proposal: Proposal) -> Proposal | None:
        """See `ConsoleDesk.add_proposal`."""
        return await self._write(lambda: _add_proposal(proposal))

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """See `ConsoleDesk.proposal`."""
        return await self._read(lambda: _proposal(_PROPOSAL, proposal_id))

    async def decide_proposal(
        self, proposal_id: str, fn: Callable[[Proposal], Proposal | NotDecided]
    ) -> Proposal | NotDecided | None:
        """See `ConsoleDesk.decide_proposal`."""
        return await self._write(lambda: _decide(proposal_id, fn))

    async def proposals_of(self, key: OrderKey) -> Sequence[Proposal]:
        """See `ConsoleDesk.proposals_of`."""
        return await self._read(lambda: _proposals(_OF_ORDER, key.merchant_id, key.folded))

    async def proposals_in(self, state: ProposalState, since: datetime) -> Sequence[Proposal]:
        """See `ConsoleDesk.proposals_in`."""
        return await self._read(lambda: _proposals(_IN_STATE, state, micros(since)))


def _add_user(user: ConsoleUser) -> Steps[bool]:
    values = (user.name, user.role, user.password_hash, micros(user.added_at), micros_or_none(user.disabled_at))
    return (yield from change(_ADD_USER, *values)) == 1


def _change_user(name: str, fn: Callable[[ConsoleUser], ConsoleUser]) -> Steps[ConsoleUser | None]:
    """The person is locked first: a session that begins meanwhile is there before all end, or does not begin."""
    kept = yield from _one_user(_LOCK_USER, name)
    if kept is None:
        return None
    after = fn(kept)
    yield from change(_CHANGE_USER, after.role, after.password_hash, micros_or_none(after.disabled_at), name)
    yield from change(_END_ALL, name)
    return after


def _one_user(statement: Sql, name: str) -> Steps[ConsoleUser | None]:
    rows = yield from fetch(statement, name)
    return _user(rows[0]) if rows else None


def _users() -> Steps[Sequence[ConsoleUser]]:
    return [_user(row) for row in (yield from fetch(_USERS))]


def _user(row: Row) -> ConsoleUser:
    name, role, password_hash, added_at, disabled_at = row
    return ConsoleUser(
        name=name,
        role=Role(role),
        password_hash=password_hash,
        added_at=instant(added_at),
        disabled_at=instant_or_none(disabled_at),
    )


def _begin(session: ConsoleSession, password_hash: str, in_place_of: str, now: datetime) -> Steps[bool]:
    user = yield from _one_user(_LOCK_USER, session.user)
    if user is None or user.password_hash != password_hash:
        return False
    yield from change(_END, in_place_of)
    yield from change(_END_OLD, micros(now - ABSOLUTE), micros(now - IDLE))
    began, was_seen, proved = micros(session.began_at), micros(session.seen_at), micros(session.proved_at)
    yield from change(_BEGIN, session.token_digest, session.user, began, was_seen, proved)
    for (oldest,) in (yield from fetch(_OTHERS, session.user, session.token_digest))[SESSIONS_MAX - 1 :]:
        yield from change(_END, oldest)
    return True


def _session(token_digest: str) -> Steps[tuple[ConsoleSession, ConsoleUser] | None]:
    rows: list[Any] = yield from fetch(_SESSION, token_digest)
    if not rows:
        return None
    digest, name, began_at, seen_at, proved_at, *user = rows[0]
    session = ConsoleSession(
        token_digest=digest,
        user=name,
        began_at=instant(began_at),
        seen_at=instant(seen_at),
        proved_at=instant(proved_at),
    )
    return session, _user(tuple(user))


def _add_proposal(proposal: Proposal) -> Steps[Proposal | None]:
    of_order = (proposal.order.merchant_id, proposal.order.folded)
    yield from alone(("proposals", *of_order))
    if kept := (yield from _proposal(_PROPOSAL, proposal.proposal_id)):
        return kept
    ((waiting,),) = yield from fetch(_WAITING, *of_order, micros(proposal.made_at - EXPIRES))
    if waiting >= WAITING_MAX:
        return None
    values = (proposal.proposal_id, *of_order, ProposalState.WAITING, micros(proposal.made_at), encoded(proposal))
    yield from change(_ADD_PROPOSAL, *values)
    return proposal


def _proposal(statement: Sql, proposal_id: str) -> Steps[Proposal | None]:
    rows = yield from fetch(statement, proposal_id)
    return decoded_proposal(rows[0][0]) if rows else None


def _decide(proposal_id: str, fn: Callable[[Proposal], Proposal | NotDecided]) -> Steps[Proposal | NotDecided | None]:
    kept = yield from _proposal(_LOCK_PROPOSAL, proposal_id)
    if kept is None:
        return None
    after = fn(kept)
    if isinstance(after, Proposal):
        yield from change(_DECIDE, after.state, encoded(after), proposal_id)
    return after


def _proposals(statement: Sql, *values: int | str) -> Steps[Sequence[Proposal]]:
    return [decoded_proposal(body) for (body,) in (yield from fetch(statement, *values))]
