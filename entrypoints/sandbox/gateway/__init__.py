"""The played Juspay itself: orders, attempts, refunds, mandates, and what time does to them. No HTTP."""
