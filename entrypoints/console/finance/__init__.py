"""Pages for finance: a day, what waits, disputes, and settlement reports with their differences.

They ask the use cases of which the terminal and the API tell, and reckon nothing themselves.
"""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.console.finance import cases, day, day_rows, disputes, reports, waiting

PAGES: Final = (day, day_rows, waiting, disputes, reports, cases)
