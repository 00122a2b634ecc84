"""HTTP on one connection, with a bound for everything that a client can make us keep or wait for.

It is uvicorn's own protocol on httptools, which bounds neither the head of a request nor the time it takes, takes any
number of requests before the first is answered, and adds trailers to the headers. All that happens before the
application is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from paystate.entrypoints.service.api.bare_problems import answers_always, response_bytes
from paystate.entrypoints.service.connections import (
    CONNECTIONS_MAX,
    KEPT_FOR,
    WORKING_MAX,
    Waiting,
    network_of,
)

HEAD_BYTES_MAX: Final = 16 * 1024
"""Of a request line with its headers, and of what stands between two pieces of a body: sizes of chunks, trailers."""
HEADERS_MAX: Final = 100
PIPELINED_MAX: Final = 8
"""Requests of one connection that wait for the one before to be answered."""
HEAD_S: Final = 10.0
"""From the first byte of a request, or from the connection's beginning, to the end of its headers."""
BODY_S: Final = 30.0
"""From there to the end of its body. The application has a shorter bound, and answers; this one ends what it left."""
WRITE_S: Final = 30.0
"""How long an answer may wait for its reader."""
LINGER_S: Final = 2.0
"""How long a connection stays after a refusal, if its client does not end it."""
THROWN_AWAY_MAX: Final = 1024 * 1024
"""What is read and thrown away meanwhile, so that a client that only reads when it has sent all sees the answer."""

_PIECE: Final = 4 * 1024
"""How much the parser is given at once, so that it never holds much more of a head than a head may have."""


class BoundedConfig(Config):
    """What uvicorn makes connections from, with what those of one server share.

    Attributes:
        waiting: The connections that wait for their clients.
        public_url: For the help that a refusal links to.
    """

    def __init__(self, app: Any, *, public_url: str, behind_proxies: bool = False, **options: Any) -> None:
        super().__init__(app, http=BoundedProtocol, ws="none", **options)
        self.waiting: Final = Waiting(behind_proxies=behind_proxies)
        self.public_url: Final = public_url


class _Refused(Exception):
    """Stops the parser from within."""


class _SeenToTheEnd:
    """A connection as one request's answer is written to it: its end is the protocol's to bring about."""

    def __init__(self, transport: asyncio.Transport, end: Callable[[], None]) -> None:
        self.write: Final = transport.write
        self.is_closing: Final = transport.is_closing
        self.close: Final = end


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    app: Any

    def __init__(
        self,
        config: BoundedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._waiting = config.waiting
        self._public_url = config.public_url
        self._app: Final = self.app
        self._app_when_full: Final = answers_always("overloaded", config.public_url)
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._address = ""
        self._has_begun = False  # a request, ever
        self._is_in_head = True
        self._framing_bytes = 0  # since a request began or a piece of a body came
        self._is_all_said = True  # of the newest request
        self._is_over = False  # nothing more is taken
        self._is_ending = False
        self._is_lost = False
        self._thrown_away_bytes = 0

    # The connection begins and ends.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take its place, and wait for the first request."""
        super().connection_made(transport)
        self._address = network_of(self.client[0]) if self.client else ""
        self._client_has(HEAD_S)
        if len(self.connections) > CONNECTIONS_MAX:
            self._waiting.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave nothing behind."""
        self._is_over = self._is_lost = True
        self._client_is_done()
        self._unset_keepalive_if_required()
        self.resume_writing()
        self.pipeline.clear()
        super().connection_lost(exc)
        if self._has_begun:
            self.cycle.transport = self.transport  # no circle, which would keep all of it until it is looked for

    def give_way(self) -> None:
        """End at once, with whatever waits in it."""
        self._is_over = True
        self.transport.abort()

    # What comes in.

    def data_received(self, data: bytes) -> None:
        """Feed the parser piece by piece, and stop where a head has no end."""
        for begin in range(0, len(data), _PIECE):
            if self._is_over or self.transport.is_closing():
                self._throw_away(len(data) - begin)
                return
            piece = data[begin : begin + _PIECE]
            self._framing_bytes += len(piece)
            super().data_received(piece)
            if self._framing_bytes > HEAD_BYTES_MAX + _PIECE and not self._is_over:
                self._refuse("headers_too_large")

    def on_message_begin(self) -> None:
        """Give a new request its time."""
        super().on_message_begin()
        self._is_in_head, self._is_all_said, self._framing_bytes = True, False, 0
        self._client_has(HEAD_S)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. What comes after the body is no header: a credential there would have escaped every check."""
        if not self._is_in_head:
            return
        if len(self.headers) >= HEADERS_MAX:
            self._refuse("headers_too_large")
            raise _Refused
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request, or put it behind those before it."""
        if len(self.pipeline) >= PIPELINED_MAX:
            self._refuse("bad_request")
            raise _Refused
        self._is_in_head, self._framing_bytes = False, 0
        self._client_has(BODY_S)
        is_full = len(self.tasks) >= WORKING_MAX and not self.url.startswith(KEPT_FOR)
        self.app = self._app_when_full if is_full else self._app
        super().on_headers_complete()
        self.cycle.transport = cast("asyncio.Transport", _SeenToTheEnd(self.transport, self.end))
        self._has_begun = True

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._framing_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The client has said all; from here on it waits for us."""
        super().on_message_complete()
        self._is_all_said = True
        if not self._is_ending:
            self._client_is_done()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the answer to be read."""
        if self._is_ending:
            return
        super().on_response_complete()
        self._note_whose_turn()

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection. Closing would wait for ever for a client that does not read its last answer."""
        self.give_way()

    # What the client is given for it.

    def _client_has(self, seconds: float) -> None:
        """It is the client's turn, for so long."""
        self._client_is_done()
        self._deadline = self.loop.call_later(seconds, self.give_way)
        self._note_whose_turn()

    def _client_is_done(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._note_whose_turn()

    def _note_whose_turn(self) -> None:
        """Keep the place among those that wait, at its end if it is new there."""
        if self._is_lost or self._is_worked_on():
            self._waiting.discard(self, self._address)
        else:
            self._waiting.add(self, self._address)

    def _is_worked_on(self) -> bool:
        """Whether a request is here whole and is not answered, by our own doing."""
        if self._write_deadline is not None:
            return False
        return bool(self.pipeline) or (self._is_taken() and not self.cycle.more_body)

    def _is_taken(self) -> bool:
        return self._has_begun and not self.cycle.response_complete

    # What goes out.

    def pause_writing(self) -> None:
        """The client does not read what was written."""
        super().pause_writing()
        if self._write_deadline is None:
            self._write_deadline = self.loop.call_later(WRITE_S, self.give_way)
            self._note_whose_turn()

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None
            self._note_whose_turn()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls when the parser has stopped."""
        self._refuse("bad_request")

    def _refuse(self, code: str) -> None:
        """Read no more; what was taken before is answered, in its order, and the connection ends with it."""
        if self._is_over:
            return
        self._is_over = True
        if self._is_taken() and not self.cycle.more_body:
            self.cycle.keep_alive = False  # the newest of them
        elif self._is_taken() and (self.pipeline or self.cycle.response_started):
            self.transport.abort()
        else:
            self.transport.write(response_bytes(code, self._public_url))
            if self._is_taken():
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self.end()

    def end(self) -> None:
        """The last answer is written: end, once the client had time to see it.

        To close while something is unread resets the connection, and throws the answer away.
        """
        if self._is_ending or self.transport.is_closing():
            return
        is_read = self._is_all_said and not self._is_over
        self._is_over = self._is_ending = True
        self.pipeline.clear()
        if is_read:
            self.transport.close()
            self._client_has(WRITE_S)
        else:
            self.transport.write_eof()
            self.flow.resume_reading()
            self._client_has(LINGER_S)

    def _throw_away(self, count: int) -> None:
        self._thrown_away_bytes += count
        if self._thrown_away_bytes > THROWN_AWAY_MAX:
            self.flow.pause_reading()
