"""What is wrong with the endpoints that a merchant is told at."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from paystate.core.announcements.subscription import kinds_wanted
from paystate.core.urls import checked_receiver
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import EndpointSettings

ENDPOINTS_MAX: Final = 20
SECRETS_MAX: Final = 2
HOW_TO_MAKE_ONE: Final = "make one with `echo whsec_$(openssl rand -base64 32)`, and give it to the receiver"
_NAME: Final = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)
_SECRET: Final = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})", re.ASCII)
_SECRET_BYTES: Final = range(24, 65)
"""Source: standard-webhooks.md 1.0.0, Signature scheme: 192 to 512 bits, and the form."""


def check_endpoints(endpoints: Sequence[EndpointSettings]) -> Iterator[ConfigProblem]:
    """What is wrong with them, their secrets' values left out."""
    if len(endpoints) > ENDPOINTS_MAX:
        yield ConfigProblem("endpoints", f"are more than {ENDPOINTS_MAX}", "leave out what nobody listens at")
    if twice := [name for name, count in Counter(one.name for one in endpoints).items() if count > 1]:
        yield ConfigProblem("endpoints", f"has the name {twice[0]} twice", "give each a name of its own")
    for i, one in enumerate(endpoints):
        for problem in _check(one):
            yield ConfigProblem(f"endpoints[{i}].{problem.setting}", problem.message, problem.fix)


def _check(endpoint: EndpointSettings) -> Iterator[ConfigProblem]:
    if not is_endpoint_name(endpoint.name):
        yield ConfigProblem("name", "is not a name", "use 1 to 32 of a-z 0-9 _ -")
    try:
        checked_receiver(endpoint.url, allow_http=endpoint.allow_private)
    except ValueError:
        fix = "give https://host/path; http is taken with `allow_private = true`, for a private network"
        yield ConfigProblem("url", "is not an https address", fix)
    try:
        if not kinds_wanted(endpoint.events):
            yield ConfigProblem("events", "is empty", 'leave it out for all, or name some, such as "order.paid"')
    except ValueError:
        fix = 'give kinds of announcements, or patterns such as "refund.*"'
        yield ConfigProblem("events", "names what is never announced", fix)
    if not 1 <= len(endpoint.secrets) <= SECRETS_MAX:
        yield ConfigProblem("secrets", "must be one, or two while a receiver changes over", HOW_TO_MAKE_ONE)


def is_endpoint_name(text: str) -> bool:
    """Whether deliveries can be kept under a text, be it an endpoint's or a handler's name."""
    return _NAME.fullmatch(text) is not None


def is_webhook_secret(text: str) -> bool:
    """Whether a text has the form of a secret that webhooks are signed with."""
    found = _SECRET.fullmatch(text)
    try:
        return found is not None and len(base64.b64decode(found[1], validate=True)) in _SECRET_BYTES
    except binascii.Error:
        return False
