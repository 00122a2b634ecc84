"""The word that says how sure it is that Juspay does as a route, a fault or a value of the sandbox does.

What each word means, and the account of everything else, stands in `docs/reference/fidelity.md`.
"""

from __future__ import annotations

from typing import Literal

Mark = Literal["documented", "recorded", "secondary", "inferred", "ours"]
