"""How each announcement takes effect exactly once: the rule, and what is kept of it in the merchant's database.

Two tables are kept. `paystate_cursors` has one row for each consumer: how far it is. `paystate_handled` has the id of
each announcement that a consumer has handled. One transaction of the database moves the cursor, notes the id, and holds
what the handler writes, so all of it is kept, or nothing:

    begin
    update paystate_cursors set position = NEW where consumer = NAME and position = OLD     one row, or: overtaken
    select ... from paystate_handled                                                        there already: no handler
    insert into paystate_handled
    the handler's own statements
    commit

The update takes the row's lock. A second consumer of the name waits for it, finds that the position is another one,
and reads on from there. After any fault the position is read anew. So it does not matter whether a commit whose answer
was lost was made.

The cursor alone would do, but for two cases. A service whose backup was restored refuses the cursor, and announces
again, under the same ids, what it has forgotten: the consumer begins with the oldest that is kept. And a replay may put
back at the end what was kept no more. In both, the consumer passes over what it has handled.

The statements are standard SQL. A `?` stands for a value, in the order given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from attrs import field, frozen

from paystate.core.errors import PaystateError, ValueInvalid
from paystate.entrypoints.consumer.feed import AnnouncementDamaged, Event, Feed, Page, PullFailed

TABLES: Final = (
    """create table paystate_cursors (
    consumer varchar(64) not null primary key,
    position varchar(64) not null
)""",
    """create table paystate_handled (
    consumer varchar(64) not null,
    event_id varchar(64) not null,
    announced_at varchar(40) not null,
    primary key (consumer, event_id)
)""",
)
"""Makes the tables; one statement each, for a migration of yours."""

POSITION: Final = "select position from paystate_cursors where consumer = ?"
BEGIN: Final = "insert into paystate_cursors (consumer, position) values (?, ?)"
MOVE: Final = "update paystate_cursors set position = ? where consumer = ? and position = ?"
IS_HANDLED: Final = "select event_id from paystate_handled where consumer = ? and event_id = ?"
NOTE: Final = "insert into paystate_handled (consumer, event_id, announced_at) values (?, ?, ?)"

BEGINNING: Final = ""
"""The position before the oldest announcement that is kept."""
PAUSE_MAX_S: Final = 60
OVERTAKEN_PAUSE_S: Final = 1
"""Another one is at work; to pull as fast as that one would use up the calls that the merchant's key may make."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)


class Overtaken(PaystateError):
    """Another consumer of the name was first; nothing was done here, and the next turn goes on from there."""


@frozen
class Step:
    """One move of the cursor.

    Attributes:
        event: What is to be handled in the same transaction; None where the cursor only moves.
        is_damaged: It has no data.
    """

    old: str
    new: str
    event: Event | None = field(default=None, repr=False)
    is_damaged: bool = False


def steps(feed: Feed, page: Page, position: str, *, takes_damaged: bool) -> Iterator[Step]:
    """The moves that lead from a position to the end of a page; what is not wanted costs at most one.

    Raises:
        AnnouncementDamaged: Where one stands that is wanted, unless those are taken too.
    """
    for entry in page.entries:
        if not feed.wants(entry.event):
            continue
        if entry.is_damaged and not takes_damaged:
            raise AnnouncementDamaged(f"the record behind {entry.event['id']} is damaged at the service")
        yield Step(position, entry.cursor, entry.event, entry.is_damaged)
        position = entry.cursor
    if position != page.next:
        yield Step(position, page.next)


def pause_s(failures: int, fault: Exception) -> int:
    """The pause after a failed turn: 1, 2, 4 s and so on up to a minute, or what the service asked for."""
    planned = min(1 << min(failures - 1, 6), PAUSE_MAX_S)
    return max(planned, (fault.retry_after_s or 0) if isinstance(fault, PullFailed) else 0)


def checked_name(name: str) -> str:
    """A consumer's name; raises ValueInvalid."""
    if not _NAME.fullmatch(name):
        raise ValueInvalid("validation_failed", "/name", "is not a name: 1 to 64 of A-Z a-z 0-9 _ . -")
    return name


def with_marks(statement: str, mark: Callable[[int], str]) -> str:
    """A statement with a driver's own marks for its values, the first of which is number 1."""
    first, *rest = statement.split("?")
    return first + "".join(f"{mark(number)}{part}" for number, part in enumerate(rest, 1))
