"""The faults Paystate raises, split by what the caller should do next.

Business outcomes (refused, stale, already so, under review) are values: see `paystate.core.orders.facts`. Only faults
raise.

    PaystateError
    ├── ValueInvalid          a value object refused its input
    ├── WrongPlace            a call was made where it cannot work; the program has to make it elsewhere
    ├── BodyDropped           a webhook's body is no longer kept, and nothing else says what it was about
    └── PortError             the world outside failed; adapters raise only these
        ├── GatewayUnreachable    never sent: safe to send again
        ├── OutcomeUnknown        sent, no usable answer: look before anything else
        │   └── AnswerUnusable        an answer came and cannot be used
        ├── Unreadable            a webhook's body is not what it should be
        ├── GatewayRejected       a definite no, with the gateway's code
        │   └── RateLimited           it gets too many calls, did nothing, and wants us to wait
        ├── SignatureInvalid      a signature did not verify, or there was no key to verify it with
        ├── ConcurrentUpdate      another writer was first; the whole decision may be taken again
        └── StorageUnavailable    nothing was stored
            ├── RecordUnreadable      a stored record is damaged, or another version's
            └── CommitUnknown         it may be stored: the database was lost at that very moment, and stays away
"""

from __future__ import annotations


class PaystateError(Exception):
    """Catch this to catch every fault of ours."""


class ValueInvalid(PaystateError):
    """A value object refused its input.

    Attributes:
        code: Machine-readable, such as `invalid_amount`.
        pointer: JSON pointer of the refused field, or `""` for the value itself.
        rule: What the value breaks, for a person, such as `is longer than 250 characters`; never the value itself.
    """

    def __init__(self, code: str, pointer: str = "", rule: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.pointer = pointer
        self.rule = rule

    def __str__(self) -> str:
        where = f" at {self.pointer}" if self.pointer else ""
        return f"{self.code}{where}: {self.rule}" if self.rule else f"{self.code}{where}"

    def at(self, pointer: str) -> ValueInvalid:
        """Return the same refusal, located at `pointer`."""
        return ValueInvalid(self.code, pointer, self.rule)


class WrongPlace(PaystateError, RuntimeError):
    """A call was made where it cannot work, and nothing was done: the program has to make it elsewhere.

    Such as a blocking call in async code, or a write from a handler whose own transaction is open.
    """


class BodyDropped(PaystateError):
    """A webhook cannot be processed again: its body is no longer kept, and it named no order.

    Its message ends in `(body_dropped)`. No answer of the API tells of it: webhooks are replayed on the terminal only.

    Attributes:
        fix: What somebody can do.
    """

    fix = "see in Juspay's dashboard what it was about; `paystate order show` has what is known of an order"

    def __init__(self) -> None:
        super().__init__("its body is no longer kept, and it named no order (body_dropped)")


class PortError(PaystateError):
    """Something outside the core failed."""


class GatewayUnreachable(PortError):
    """The request never reached the gateway: it is safe to send it again."""


class OutcomeUnknown(PortError):
    """The request may have reached the gateway, and no usable answer came back."""


class AnswerUnusable(OutcomeUnknown):
    """An answer came, and it is cut, unreadable, or about something else."""


class Unreadable(PortError):
    """Bytes from outside are not what they should be; the message never holds any of them.

    A webhook raises it. Of an answer it becomes `AnswerUnusable`.
    """


class GatewayRejected(PortError):
    """The gateway answered with a definite no.

    Attributes:
        code: The gateway's own error code, or its status word where there is no code.
        http_status: The HTTP status of the answer.
    """

    def __init__(self, code: str, http_status: int) -> None:
        super().__init__(code, http_status)
        self.code = code
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{self.code} ({self.http_status})"


class RateLimited(GatewayRejected):
    """The gateway gets too many calls: it did nothing, and wants us to wait.

    Attributes:
        retry_after_s: How long, in seconds; None where it names no time.
    """

    def __init__(self, http_status: int, retry_after_s: float | None = None) -> None:
        super().__init__("rate_limited", http_status)
        self.args = (http_status, retry_after_s)
        self.retry_after_s = retry_after_s


class SignatureInvalid(PortError):
    """A signature did not verify, or no key was there to verify it with.

    Attributes:
        key_id: The key that it named, where that is one of those that are set up; for people, never for its sender.
    """

    def __init__(self, message: str, *, key_id: str = "") -> None:
        super().__init__(message)
        self.key_id = key_id


class ConcurrentUpdate(PortError):
    """Another writer changed the row first."""


class StorageUnavailable(PortError):
    """The storage refused or failed; nothing was stored."""


class RecordUnreadable(StorageUnavailable):
    """A stored record is damaged, or was written by another version; trying again does not help.

    The message names the row and never holds any of it.
    """


class CommitUnknown(StorageUnavailable):
    """The answer to a commit was lost, and the storage cannot be asked since: it may be stored, or not.

    The same call with the same key, made once more, has its effect once.
    """
