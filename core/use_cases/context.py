"""What every use case is given: the ports of the installation, and one merchant's own."""

from __future__ import annotations

from attrs import frozen

from paystate.core.checkouts.sdk_payloads import Account
from paystate.core.policy import Policy
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.runtime import Clock, Ids
from paystate.core.ports.signing import ReturnVerifier, Signer
from paystate.core.ports.store import Store


@frozen(kw_only=True)
class Ports:
    """The installation's ports, shared by all merchants."""

    store: Store
    clock: Clock
    ids: Ids


@frozen(kw_only=True)
class Merchant:
    """One merchant's account at Juspay.

    Attributes:
        client_id: Juspay's `clientId` of the merchant.
        environment: `sandbox` or `production`, as the SDK wants it told.
        return_url: Our own return route for this merchant; Juspay sends the shopper there.
        signer: Signs the payloads (signature mode); None where Juspay makes the process payload itself, in answer to
            a session request (session mode).
    """

    merchant_id: str
    client_id: str
    environment: str
    return_url: str
    policy: Policy
    gateway: PaymentGateway
    signer: Signer | None
    verifier: ReturnVerifier

    @property
    def account(self) -> Account:
        """What the SDK's payloads say of the merchant."""
        return Account(
            merchant_id=self.merchant_id,
            client_id=self.client_id,
            environment=self.environment,
            return_url=self.return_url,
        )
