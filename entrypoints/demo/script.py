"""What every part of a story speaks of: who acts, what was said, and what to do when something differs from the story.

These are words and small checks; nobody acts here.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

import httpx
from attrs import frozen

from paystate.entrypoints.demo.stack import MERCHANT_ID

Json = dict[str, Any]

APP: Final = "app"
BACKEND: Final = "backend"
JUSPAY: Final = "juspay"
PAYSTATE: Final = "paystate"
PERSON: Final = "person"
SHOPPER: Final = "shopper"
STRANGER: Final = "stranger"
TIME: Final = "time"


@frozen
class Line:
    """One line of a story's timeline."""

    at: datetime
    who: str
    what: str


class Unexpected(Exception):
    """Something in the story did not go as the story says."""


def expect(answer: httpx.Response, status: int) -> httpx.Response:
    """The answer, if it has the status that the story expects."""
    if answer.status_code != status:
        fail(f"{answer.request.method} {answer.request.url.path}: {answer.status_code}, not {status}: {answer.text}")
    return answer


def json_of(answer: httpx.Response) -> Json:
    """The answer's JSON object."""
    body: Json = answer.json()
    return body


def fail(message: str) -> Any:
    """End the story."""
    raise Unexpected(message)


def webhook_path() -> str:
    """Where Juspay's webhooks go."""
    return f"/webhooks/juspay/{MERCHANT_ID}"


def with_other_status(url: str, status: str) -> str:
    """A return address somebody has tampered with."""
    return re.sub(r"([?&]status=)[^&]*", rf"\g<1>{status}", url)
