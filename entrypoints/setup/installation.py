"""One running Paystate: everything an entry point needs, wired.

Owns the bundle; `bootstrap` fills it, and `rotation` may put others in the place of its merchants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, frozen

from paystate.core.evidence import WebhookEvent
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.setup.credentials import Access
from paystate.entrypoints.setup.settings import Settings


@frozen(kw_only=True)
class Shops:
    """The merchants of an installation, with their keys and passwords.

    Attributes:
        accesses: Who may speak for each merchant; the same keys as `merchants`.
    """

    merchants: Mapping[str, Merchant]
    accesses: Mapping[str, Access]


@define(kw_only=True)
class Installation:
    """One running Paystate.

    Attributes:
        shops: Replaced as a whole while everything runs; whoever has begun something ends it with what it took.
        shops_of: Makes them from settings, on this installation's connections.
        public_url: Where the outside world reaches this service, without a trailing slash.
        serves_docs: Whether OpenAPI is served; only sensible while Juspay's side is a sandbox.
    """

    ports: Ports
    shops: Shops
    shops_of: Callable[[Settings], Shops]
    read_webhook: Callable[[bytes], WebhookEvent | None]
    public_url: str
    serves_docs: bool

    @property
    def merchants(self) -> Mapping[str, Merchant]:
        """The merchants, by id."""
        return self.shops.merchants

    @property
    def accesses(self) -> Mapping[str, Access]:
        """Who may speak for each merchant."""
        return self.shops.accesses
