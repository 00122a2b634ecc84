"""What stored records look like, as a text that can be kept and compared.

`PYTHONPATH=tests .venv/bin/python -m contract.versions.records` writes it anew after a change that was meant; see
CONTRIBUTING.md, "Add a step to the schema".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from paystate.adapters.storage import codec
from paystate.adapters.storage.schema_head import SCHEMA_HEAD
from paystate.core.finding.index_entry import NameKind
from paystate.core.finding.movements import MovementKind
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.orders.hold import HoldState
from paystate.core.ports.outbox import DeliveryState
from paystate.core.ports.store import InboxVerdict

KEPT: Final = Path(__file__).with_name("records.json")
"""`since`: the schema of the release in which the records came to look like this; `records`: how they look."""

_OTHER_WORDS: Final = (DeliveryState, HoldState, InboxVerdict, MovementKind, NameKind, Paid, Refunded)
"""Stored in columns, or as keys of a record."""

_PROSE: Final = ("title", "description")


def looks() -> dict[str, Any]:
    """Each stored type by its name, as JSON Schema without the prose."""
    decoders = [one for one in vars(codec).values() if isinstance(one, msgspec.json.Decoder)]
    read = [cast("Any", one).type for one in decoders]
    # A private one reads a part of what another one stores, and writes nothing.
    types = [one for one in read if not getattr(one, "__name__", "").startswith("_")]
    pairs, named = msgspec.json.schema_components([*types, *_OTHER_WORDS])
    without_name = [one for one in pairs if "$ref" not in one]
    plain: dict[str, Any] = json.loads(json.dumps({**named, "": without_name}))
    return {name: _without_prose(one) for name, one in sorted(plain.items())}


def _without_prose(one: object) -> Any:
    if isinstance(one, list):
        return [_without_prose(part) for part in cast("list[object]", one)]
    if isinstance(one, dict):
        told = cast("dict[str, object]", one)
        is_type = isinstance(told.get("title"), str)  # a field may have that name too, and is a dict
        return {key: _without_prose(part) for key, part in told.items() if not (is_type and key in _PROSE)}
    return one


def written_anew(kept: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What is kept from now on; a type that is there anew is in no record of an older program, so `since` stays."""
    is_wider = all(now.get(name) == one for name, one in kept["records"].items())
    return {"since": kept["since"] if is_wider else SCHEMA_HEAD.partition(".")[0], "records": now}


if __name__ == "__main__":
    KEPT.write_text(json.dumps(written_anew(json.loads(KEPT.read_text()), looks()), indent=1) + "\n")
