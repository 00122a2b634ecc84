"""One running Paystate: everything an entry point needs, wired.

`bootstrap` fills it, and `rotation` may replace its merchants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, frozen

from paystate.core.evidence import WebhookEvent
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.setup.credentials import Credentials
from paystate.entrypoints.setup.settings import Settings


@frozen(kw_only=True)
class Merchants:
    """The merchants of an installation, with their keys and passwords.

    Attributes:
        credentials: Who may speak for each merchant; the same keys as `merchants`.
    """

    merchants: Mapping[str, Merchant]
    credentials: Mapping[str, Credentials]


@define(kw_only=True)
class Runtime:
    """One running Paystate.

    Attributes:
        current: Replaced as a whole while everything runs; whoever has begun something ends it with what it took.
        merchants_from: Makes them from settings, on this installation's connections.
        public_url: Where the outside world reaches this service, without a trailing slash.
        serves_docs: Whether OpenAPI is served; only sensible while Juspay's side is a sandbox.
        is_working: Whether the worker of this process works; true where it has none.
    """

    ports: Ports
    current: Merchants
    merchants_from: Callable[[Settings], Merchants]
    read_webhook: Callable[[bytes], WebhookEvent | None]
    public_url: str
    serves_docs: bool
    is_working: Callable[[], bool] = lambda: True

    @property
    def merchants(self) -> Mapping[str, Merchant]:
        """The merchants, by id."""
        return self.current.merchants

    @property
    def credentials(self) -> Mapping[str, Credentials]:
        """Who may speak for each merchant."""
        return self.current.credentials
