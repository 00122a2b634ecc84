"""What is wrong with the endpoints and streams that a merchant is told at."""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from paystate.adapters.delivery.broker_credentials import read_credentials
from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.announcements.subscription import kinds_wanted
from paystate.core.urls import checked_receiver, is_address, is_loopback, is_public
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import EndpointSettings, Settings, StreamSettings

ENDPOINTS_MAX: Final = 20
SECRETS_MAX: Final = 2
SERVERS_MAX: Final = 5
CA_BYTES_MAX: Final = 1024 * 1024
HOW_TO_MAKE_ONE: Final = "make one with `echo whsec_$(openssl rand -base64 32)`, and give it to the receiver"
_ALLOW_PRIVATE: Final = "give a public address, or set `allow_private = true`"
_NAME: Final = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)
_SECRET: Final = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})", re.ASCII)
_SECRET_BYTES: Final = range(24, 65)
"""Source: standard-webhooks.md 1.0.0, Signature scheme: 192 to 512 bits, and the form."""
_STREAM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TOKEN: Final = re.compile(r"(?:[A-Za-z0-9_-]|\{merchant\}|\{kind\}){1,64}", re.ASCII)
_TOKENS_MAX: Final = 16
"""Source: docs.nats.io, "Subject-Based Messaging": recommended bounds."""


def check_subscribers(
    endpoints: Sequence[EndpointSettings], streams: Sequence[StreamSettings] = ()
) -> Iterator[ConfigProblem]:
    """What is wrong with them, their secrets' values left out."""
    if len(endpoints) + len(streams) > ENDPOINTS_MAX:
        yield ConfigProblem("endpoints", f"are more than {ENDPOINTS_MAX}", "leave out what nobody listens at")
    names = [*(one.name for one in endpoints), *(one.name for one in streams)]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        yield ConfigProblem("endpoints", f"has the name {twice[0]} twice", "give each a name of its own")
    for i, endpoint in enumerate(endpoints):
        yield from _at(f"endpoints[{i}]", _check_endpoint(endpoint))
    for i, stream in enumerate(streams):
        yield from _at(f"streams[{i}]", _check_stream(stream))


def _at(place: str, problems: Iterator[ConfigProblem]) -> Iterator[ConfigProblem]:
    for problem in problems:
        yield ConfigProblem(f"{place}.{problem.setting}", problem.message, problem.fix)


def _check_endpoint(endpoint: EndpointSettings) -> Iterator[ConfigProblem]:
    yield from _check_subscriber(endpoint)
    try:
        checked_receiver(endpoint.url, allow_http=endpoint.allow_private)
    except ValueError:
        fix = "give https://host/path; http is taken with `allow_private = true`, for a private network"
        yield ConfigProblem("url", "is not an https address", fix)
    else:
        if not endpoint.allow_private and _is_private(urlsplit(endpoint.url).hostname or ""):
            yield ConfigProblem("url", "is an address of this machine or of a private network", _ALLOW_PRIVATE)
    if not 1 <= len(endpoint.secrets) <= SECRETS_MAX:
        yield ConfigProblem("secrets", "must be one, or two while a receiver changes over", HOW_TO_MAKE_ONE)


def _is_private(host: str) -> bool:
    """Whether a host is written as an address that nothing is sent to; where a name leads shows at each try."""
    return is_loopback(host) or (is_address(host) and not is_public(host))


def _check_stream(stream: StreamSettings) -> Iterator[ConfigProblem]:
    if find_spec("nats") is None:
        yield ConfigProblem("name", "needs a client of NATS, which is not installed", 'install "paystate[nats]"')
    yield from _check_subscriber(stream)
    if not 1 <= len(stream.servers) <= SERVERS_MAX:
        yield ConfigProblem(
            "servers", f"must be 1 to {SERVERS_MAX}", "name some of the cluster, such as tls://host:4222"
        )
    for n, server in enumerate(stream.servers):
        if not _is_server(server, allow_plain=stream.allow_private):
            fix = "give tls://host:port; nats:// is taken with `allow_private = true`, for a private network"
            yield ConfigProblem(f"servers[{n}]", "is not an address of a NATS server with TLS", fix)
        elif not stream.allow_private and _is_private(urlsplit(server).hostname or "") and len(stream.servers) == 1:
            yield ConfigProblem(
                f"servers[{n}]", "is an address of this machine or of a private network", _ALLOW_PRIVATE
            )
    if not _STREAM.fullmatch(stream.stream):
        yield ConfigProblem("stream", "is not a stream's name", "use 1 to 64 of A-Z a-z 0-9 _ -")
    yield from _check_subject(stream.subject)
    if stream.credentials is not None and stream.login is not None:
        yield ConfigProblem("login", "is set beside `credentials`", "leave one of them out")


def _check_subscriber(one: EndpointSettings | StreamSettings) -> Iterator[ConfigProblem]:
    if not is_endpoint_name(one.name):
        yield ConfigProblem("name", "is not a name", "use 1 to 32 of a-z 0-9 _ -")
    try:
        if not kinds_wanted(one.events):
            yield ConfigProblem("events", "is empty", 'leave it out for all, or name some, such as "order.paid"')
    except ValueError:
        fix = 'give kinds of announcements, or patterns such as "refund.*"'
        yield ConfigProblem("events", "names what is never announced", fix)


def _check_subject(subject: str) -> Iterator[ConfigProblem]:
    tokens = subject.split(".")
    if len(tokens) > _TOKENS_MAX or not all(_TOKEN.fullmatch(token) for token in tokens):
        fix = "use words of A-Z a-z 0-9 _ - between full stops, `{merchant}` and `{kind}`"
        yield ConfigProblem("subject", "is not a subject to publish to", fix)


def _is_server(url: str, *, allow_plain: bool) -> bool:
    """The form of a server's address; it is checked as a web address is, which has one more scheme and a path."""
    scheme, has_scheme, rest = url.partition("://")
    if not has_scheme or scheme not in ("tls", "nats") or (scheme == "nats" and not allow_plain):
        return False
    try:
        parts = checked_receiver(f"https://{rest}", allow_http=False)
    except ValueError:
        return False
    return not parts.path and not parts.query


def check_stream_files(settings: Settings, streams: Sequence[StreamSettings]) -> Iterator[ConfigProblem]:
    """What is wrong with the files that streams name, nothing of which is repeated."""
    for i, stream in enumerate(streams):
        if stream.ca_file is not None:
            yield from _check_authority(f"streams[{i}].ca_file", settings.file(stream.ca_file))
        if stream.credentials is not None:
            yield from _check_credentials(f"streams[{i}].credentials", settings.file(stream.credentials))


def _check_authority(place: str, path: Path) -> Iterator[ConfigProblem]:
    try:
        ssl.create_default_context(cadata=read_file(path, bytes_max=CA_BYTES_MAX).decode())
    except (FileUnusable, OSError, ValueError):
        yield ConfigProblem(place, "is not a certificate file", "name the PEM file of the servers' authority")


def _check_credentials(place: str, path: Path) -> Iterator[ConfigProblem]:
    try:
        read_credentials(read_file(path, only_ours=True).decode())
    except FileUnusable as unusable:
        yield ConfigProblem(place, f"names a file that {unusable}", unusable.fix)
    except ValueError:
        yield ConfigProblem(place, "is not a file of NATS credentials", "name the .creds file of a user of yours")


def is_endpoint_name(text: str) -> bool:
    """Whether deliveries can be kept under a text, be it an endpoint's, a stream's or a handler's name."""
    return _NAME.fullmatch(text) is not None


def is_webhook_secret(text: str) -> bool:
    """Whether a text has the form of a secret that webhooks are signed with."""
    found = _SECRET.fullmatch(text)
    try:
        return found is not None and len(base64.b64decode(found[1], validate=True)) in _SECRET_BYTES
    except binascii.Error:
        return False
