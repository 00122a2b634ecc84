"""The two ways in which requests are written: JSON for sessions and all sealed calls, a form for most of the rest.

Source: gateway contract, A.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from paystate.core.money import Money

Fields = Mapping[str, object]

_JSON: Final = msgspec.json.Encoder(decimal_format="number")


def json_body(fields: Fields) -> bytes:
    """Fields as JSON; amounts in them are texts already, or exact numbers."""
    return _JSON.encode(fields)


def form(fields: Fields) -> bytes:
    """Fields as a form; what is no text in one is JSON there."""
    return urlencode({name: text_of(value) for name, value in fields.items()}).encode("ascii")


def text_of(value: object) -> str:
    """A member of a form; what is no text is JSON."""
    return value if isinstance(value, str) else _JSON.encode(value).decode()


def given(**fields: str) -> dict[str, Any]:
    """Those of the fields that there is something in."""
    return {key: value for key, value in fields.items() if value}


def as_number(amount: Money) -> Decimal:
    """An amount in major units, with the decimals of its currency."""
    return Decimal(str(amount))


def epoch(instant: datetime | None) -> str:
    """Epoch seconds, as Juspay wants its times; empty for none."""
    return "" if instant is None else str(int(instant.timestamp()))
