"""Payment links: how long one may be paid (recorded, contract L). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from paystate.entrypoints.sandbox.errors import invalid_input

FIELD: Final = "metadata.expiryInMins"
_MINUTES: Final = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)


def life_of(fields: Mapping[str, str], usual: timedelta) -> timedelta:
    """Return how long an order may be paid: the minutes that it asks for, or the usual time.

    Raises:
        Refusal: The field is no number of minutes (inferred).
    """
    given = fields.get(FIELD)
    if not given:
        return usual
    if not _MINUTES.fullmatch(given):
        raise invalid_input((FIELD, "Whole minutes, above zero"))
    return timedelta(minutes=int(given))
