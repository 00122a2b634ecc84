"""One webhook endpoint of a merchant's: a `Notifier` that signs and sends by the Standard Webhooks text.

The library of that text makes the signatures. A name is resolved once for each try; every address that it has is
checked, and one of those is connected to, so a name that changes in between leads nowhere else. The TLS certificate is
checked against the name all the same. No redirect is followed, and nothing that the receiver writes is kept: the status
decides, and `Retry-After` may ask for a longer wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, cast
from urllib.parse import urlsplit

import httpx
from attrs import field, frozen
from standardwebhooks import Webhook

from paystate.adapters.delivery.resolving import Resolve, may_reach
from paystate.core.announcements.delivery import Delivered, NotDelivered, TryEnd, Unwanted
from paystate.core.ports.notifier import Message

ANSWER_BYTES_MAX: Final = 64 * 1024
"""What is read of an answer, so that its connection can be used again; none of it is looked at."""
_RETRY_AFTER_DIGITS: Final = 9
_GONE: Final = 410
_DRAIN_S: Final = 1


@frozen(kw_only=True)
class WebhookEndpoint:
    """Sends to one URL.

    Attributes:
        secrets: Each signs; two while a receiver changes over. As `whsec_` and base64.
        timeout_s: For one try, from the look-up of the name to the head of the answer.
        allow_private: It may be on this machine or in a private network. Over http it may be there only.
        transport: The endpoint's own connections. They are kept by address, and the certificate of another name must
            not stand for this one.
    """

    url: str
    secrets: Sequence[str] = field(repr=False)
    timeout_s: int
    allow_private: bool = False
    transport: httpx.AsyncBaseTransport = field(repr=False)
    resolve: Resolve = field(repr=False)

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        """See `Notifier.deliver`."""
        try:
            async with asyncio.timeout(self.timeout_s):
                came = await self._send(message, now)
        except TimeoutError:
            return NotDelivered(f"no answer within {self.timeout_s} s")
        if isinstance(came, NotDelivered):
            return came
        await _drained(came)
        return _judged(came)

    async def _send(self, message: Message, now: datetime) -> httpx.Response | NotDelivered:
        parts = urlsplit(self.url)
        try:
            addresses = await self.resolve(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        except (OSError, UnicodeError):
            return NotDelivered("its name has no address")
        if not addresses:
            return NotDelivered("its name has no address")
        has_tls = parts.scheme == "https"
        if not all(may_reach(one, has_tls=has_tls, allow_private=self.allow_private) for one in addresses):
            return NotDelivered("its name leads to an address that is not allowed")
        return await self._post(addresses, self.headers(message, now), message.body)

    def headers(self, message: Message, now: datetime) -> dict[str, str]:
        """What says which message it is, when it was sent, and by whom."""
        sent_at = now.astimezone(UTC)
        text = message.body.decode()
        signatures = [Webhook(secret).sign(message.event_id, sent_at, text) for secret in self.secrets]
        return {
            "content-type": "application/json",
            "user-agent": "paystate",
            "webhook-id": message.event_id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    async def _post(
        self, addresses: Sequence[str], headers: dict[str, str], body: bytes
    ) -> httpx.Response | NotDelivered:
        """Send to the first address that can be reached; once something was sent, no other is tried."""
        for address in addresses:
            try:
                return await self.transport.handle_async_request(self._request(address, headers, body))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except (httpx.TransportError, httpx.InvalidURL):
                return NotDelivered("no answer")
        return NotDelivered("cannot be reached")

    def _request(self, address: str, headers: dict[str, str], body: bytes) -> httpx.Request:
        url = httpx.URL(self.url)
        return httpx.Request(
            "POST",
            url.copy_with(host=address),
            headers={**headers, "host": url.netloc.decode("ascii")},
            content=body,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )


_PORTS: Final = {"https": 443, "http": 80}


def _judged(answer: httpx.Response) -> TryEnd:
    outcome = f"answered {answer.status_code}"
    if answer.is_success:
        return Delivered(outcome)
    if answer.status_code == _GONE:
        return Unwanted(outcome)
    return NotDelivered(outcome, _seconds(answer.headers.get("retry-after", "")))


def _seconds(text: str) -> int | None:
    """A wait in whole seconds; a date is not followed, since it would be told by another clock."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _RETRY_AFTER_DIGITS
    return int(text) if is_number else None


async def _drained(answer: httpx.Response) -> None:
    """Read the rest, so that the connection can be used again; give that up when it is too much, or too slow."""
    read = 0
    try:
        async with asyncio.timeout(_DRAIN_S):
            async for chunk in cast("httpx.AsyncByteStream", answer.stream):
                read += len(chunk)
                if read > ANSWER_BYTES_MAX:
                    break
    except (TimeoutError, httpx.TransportError):
        pass
    finally:
        await answer.aclose()
