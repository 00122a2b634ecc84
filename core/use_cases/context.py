"""What every use case is given: the ports of the installation, and one merchant's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from attrs import frozen

from paystate.core.checkouts.sdk_payloads import Account
from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.notifier import Subscriber
from paystate.core.ports.runtime import Clock, Ids
from paystate.core.ports.signing import ReturnVerifier, Signer
from paystate.core.ports.store import Store
from paystate.core.settlement.reading import ReportFormat


@frozen(kw_only=True)
class Ports:
    """The installation's ports, shared by all merchants."""

    store: Store
    clock: Clock
    ids: Ids


@frozen(kw_only=True)
class Merchant:
    """One merchant.

    Attributes:
        account: The merchant's account at Juspay, as the SDK's payloads tell it.
        signer: Signs the payloads (signature mode); None where Juspay makes the process payload itself, in answer to
            a session request (session mode).
        subscribers: Who is told of announcements.
        time_zone: Where its days begin and end, and its people read the clock.
        settlement_formats: How settlement reports are written, each under a name of the merchant's.
    """

    account: Account
    policy: Policy
    gateway: PaymentGateway
    signer: Signer | None
    verifier: ReturnVerifier
    subscribers: tuple[Subscriber, ...] = ()
    time_zone: tzinfo = UTC
    settlement_formats: Mapping[str, ReportFormat] = {}

    @property
    def merchant_id(self) -> str:
        """Who it is, at Juspay and here."""
        return self.account.merchant_id

    @property
    def return_url(self) -> str:
        """Our own return route for this merchant; Juspay sends the shopper there."""
        return self.account.return_url


def policy_for(merchants: Mapping[str, Merchant], merchant_id: str) -> Policy:
    """A merchant's policy; the default one for a merchant who is not set up any more."""
    merchant = merchants.get(merchant_id)
    return merchant.policy if merchant else DEFAULT
