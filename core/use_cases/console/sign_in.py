"""Sign in at the console, stay signed in, and sign out.

The token is made by the caller and kept as its digest alone.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from paystate.core.console.sessions import ConsoleSession, is_live, seen
from paystate.core.console.users import PASSWORD_MAX, ConsoleUser
from paystate.core.ports.console import ConsoleDesk, PasswordHasher


async def is_password_of(hasher: PasswordHasher, user: ConsoleUser | None, password: str) -> bool:
    """Whether that is the password of somebody who may sign in; to answer takes as long for nobody."""
    kept = user.password_hash if user and user.disabled_at is None else ""
    return await hasher.fits(password[: PASSWORD_MAX + 1], kept)


async def begin_session(
    desk: ConsoleDesk, user: ConsoleUser, now: datetime, *, token_digest: str, in_place_of: str
) -> bool:
    """Sign a person in who is proved; a session from before, by its digest, ends.

    Returns:
        False where the person has another password by now, and so is not proved.
    """
    session = ConsoleSession(token_digest=token_digest, user=user.name, began_at=now, seen_at=now, proved_at=now)
    return await desk.begin_console_session(session, password_hash=user.password_hash, in_place_of=in_place_of, now=now)


async def session_at(desk: ConsoleDesk, token_digest: str, now: datetime) -> tuple[ConsoleSession, ConsoleUser] | None:
    """Whose live session it is; None where there is none. To ask is not a sign that somebody is there."""
    found = await desk.console_session(token_digest)
    if found is None:
        return None
    session, user = found
    return found if is_live(session, now) and user.disabled_at is None else None


async def signed_in(desk: ConsoleDesk, token_digest: str, now: datetime) -> tuple[ConsoleSession, ConsoleUser] | None:
    """The same, and notes that it was seen."""
    found = await session_at(desk, token_digest, now)
    if found is None:
        return None
    session, user = found
    later = seen(session, now)
    if later is not session:
        await desk.keep_console_session(later)
    return later, user


async def prove_again(desk: ConsoleDesk, session: ConsoleSession, now: datetime) -> None:
    """Note that the person has given the password once more."""
    await desk.keep_console_session(evolve(session, seen_at=now, proved_at=now))
