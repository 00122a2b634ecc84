"""One stream of a merchant's NATS: a `Notifier` that publishes, and waits until the stream has the message.

The message's id is the announcement's. A stream takes an id once within its duplicate window, so a try that was made
though nobody heard so leaves one message.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from attrs import field, frozen
from nats import errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import Header
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from paystate.adapters.delivery.broker import Broker, BrokerUnreachable
from paystate.core.announcements.delivery import Delivered, NotDelivered, TryEnd
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Message

WINDOW_MIN_S: Final = 120
"""The duplicate window that a stream has by itself; the second try comes after 5 s. Source: docs.nats.io, Streams."""


@frozen(kw_only=True)
class JetStreamEndpoint:
    """Publishes to one stream.

    Attributes:
        subject: With `{merchant}` and `{kind}` in it.
        timeout_s: For one try, from the look-up of a name to the stream's word.
    """

    broker: Broker = field(repr=False)
    merchant_id: str
    stream: str
    subject: str
    timeout_s: int

    def subject_of(self, kind: AnnouncementKind) -> str:
        """The subject of one kind."""
        return self.subject.format(merchant=self.merchant_id, kind=kind)

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        """See `Notifier.deliver`."""
        client: Client | None = None
        try:
            async with asyncio.timeout(self.timeout_s):
                client = await self.broker.client()
                return await self._published(client, message)
        except BrokerUnreachable as failed:
            return NotDelivered(str(failed))
        except TimeoutError:
            if client is not None:
                await self.broker.leave(client)
            return NotDelivered(f"no answer within {self.timeout_s} s")

    async def _published(self, client: Client, message: Message) -> TryEnd:
        headers = {Header.MSG_ID.value: message.event_id, "Content-Type": "application/json"}
        try:
            taken = await JetStreamContext(client).publish(
                self.subject_of(message.kind), message.body, self.timeout_s, self.stream, headers
            )
        except NoStreamResponseError:
            return NotDelivered("no stream takes its subject")
        except APIError as refused:
            return NotDelivered(f"refused by the stream ({refused.err_code})")
        except errors.MaxPayloadError:
            return NotDelivered("larger than the broker takes")
        except errors.TimeoutError:
            raise
        except (errors.Error, OSError):
            await self.broker.leave(client)
            return NotDelivered("the connection was lost")
        return Delivered("was in the stream already" if taken.duplicate else "in the stream")

    async def trouble(self) -> str:
        """What would keep messages from the stream, or let one be in it twice, in a few words; empty if all is well."""
        try:
            async with asyncio.timeout(self.timeout_s):
                client = await self.broker.client()
                return await self._looked_at(client)
        except BrokerUnreachable as failed:
            return str(failed)
        except NotFoundError:
            return f"has no stream {self.stream}"
        except (errors.Error, TimeoutError):
            return "does not let us ask about its stream"

    async def _looked_at(self, client: Client) -> str:
        asking = JetStreamContext(client)
        window_s = (await asking.stream_info(self.stream)).config.duplicate_window
        try:
            found = await asking.find_stream_name_by_subject(self.subject_of(AnnouncementKind.ORDER_PAID))
        except NotFoundError:
            found = ""
        if found != self.stream:
            return f"its stream {self.stream} does not take the subject {self.subject_of(AnnouncementKind.ORDER_PAID)}"
        if window_s < WINDOW_MIN_S:
            return f"its stream {self.stream} knows an id again for {window_s:g} s only"
        return ""
