"""What routes, faults, events, switches and magic values rest on, by name.

What each of them is stands where it is defined. Every one needs its row in `docs/reference/fidelity`: a test finds
those without.
"""

from __future__ import annotations

from typing import Final

from generate.fidelity.reading import FOLDER, named_rows
from generate.fidelity.records import Basis, RouteBasis, ValueBasis
from generate.fidelity.sources import KEYS

ROUTES: Final = named_rows(FOLDER / "routes.toml", RouteBasis, KEYS)
"""By verb and path, as the ledger writes them."""

FAULTS: Final = named_rows(FOLDER / "faults.toml", Basis, KEYS)
"""By the fault's name; its mark must be the fault's own."""

EVENTS: Final = named_rows(FOLDER / "events.toml", Basis, KEYS)
"""By name, for each that the sandbox sends or the client reads."""

SWITCHES: Final = named_rows(FOLDER / "switches.toml", Basis, KEYS)
"""By field of `SandboxConfig`. What sets the sandbox up and claims nothing about Juspay stands in `SETTINGS`."""

SETTINGS: Final = frozenset({"merchants", "base_url", "deliver_in_background", "jwt_keys", "offers_clock"})

VALUES: Final = named_rows(FOLDER / "values.toml", ValueBasis, KEYS)
"""By value, for those that are not ours."""
