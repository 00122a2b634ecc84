"""The word that says how sure it is that Juspay does as a route, a fault or a value of the sandbox does.

`docs/reference/fidelity.md` explains what each word means, and accounts for everything else.
"""

from __future__ import annotations

from typing import Literal

Mark = Literal["documented", "recorded", "secondary", "inferred", "ours"]
