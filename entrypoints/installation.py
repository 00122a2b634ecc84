"""One running Paystate: everything an entry point needs, wired.

Owns the bundle; `bootstrap` fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from paystate.core.evidence import WebhookEvent
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.credentials import Access


@frozen(kw_only=True)
class Installation:
    """One running Paystate.

    Attributes:
        accesses: Who may speak for each merchant; the same keys as `merchants`.
        public_url: Where the outside world reaches this service, without a trailing slash.
        serves_docs: Whether OpenAPI is served; only sensible while Juspay's side is a sandbox.
    """

    ports: Ports
    merchants: Mapping[str, Merchant]
    accesses: Mapping[str, Access]
    read_webhook: Callable[[bytes], WebhookEvent | None]
    public_url: str
    serves_docs: bool
