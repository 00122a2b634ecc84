"""Juspay over HTTP: the client of one merchant, and the types that it takes and returns.

It works alone, with the extra `engine`. `JuspayGateway` turns a client into the `PaymentGateway` of `paystate.core`.
How to use it: docs/how-to/call-juspay.md.
"""

from paystate.adapters.juspay.blocking import BlockingJuspayClient
from paystate.adapters.juspay.calls import Call, Calls, Reply
from paystate.adapters.juspay.client import JuspayClient
from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.connections import blocking_connection_pool, connection_pool
from paystate.adapters.juspay.envelopes import Envelope
from paystate.adapters.juspay.errors import RateLimited, Unavailable
from paystate.adapters.juspay.gateway import JuspayGateway
from paystate.adapters.juspay.notices import (
    EVENTS,
    ChargebackNotice,
    Event,
    MandateNotice,
    Notice,
    NotificationNotice,
    OrderNotice,
    RefundNotice,
    TxnNotice,
    UnknownNotice,
    read_notice,
)
from paystate.adapters.juspay.records.objects import (
    CardRecord,
    ClientToken,
    CustomerRecord,
    FulfilmentCommand,
    FulfilmentRecord,
    GatewayResponse,
    LegRecord,
    MandateRecord,
    OrderPage,
    OrderRecord,
    PaymentLinks,
    RefundRecord,
    Split,
    SplitShare,
    TxnDetail,
    TxnRecord,
    Upi,
    VpaRecord,
)
from paystate.adapters.juspay.requests import (
    Address,
    Fulfilment,
    MandateExecution,
    MandateTerms,
    OrderOptions,
    OrdersAsked,
    SplitRefund,
    SplitSettlement,
    VendorShare,
)
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.core.errors import Unreadable

__all__ = [
    "EVENTS",
    "Address",
    "BlockingJuspayClient",
    "Call",
    "Calls",
    "CardRecord",
    "ChargebackNotice",
    "ClientToken",
    "CustomerRecord",
    "Envelope",
    "Event",
    "Fulfilment",
    "FulfilmentCommand",
    "FulfilmentRecord",
    "GatewayResponse",
    "JuspayClient",
    "JuspayConfig",
    "JuspayGateway",
    "LegRecord",
    "MandateExecution",
    "MandateNotice",
    "MandateRecord",
    "MandateTerms",
    "Notice",
    "NotificationNotice",
    "OrderNotice",
    "OrderOptions",
    "OrderPage",
    "OrderRecord",
    "OrdersAsked",
    "PaymentLinks",
    "RateLimited",
    "RefundNotice",
    "RefundRecord",
    "Reply",
    "Split",
    "SplitRefund",
    "SplitSettlement",
    "SplitShare",
    "TxnDetail",
    "TxnNotice",
    "TxnRecord",
    "Unavailable",
    "UnknownNotice",
    "Unreadable",
    "Upi",
    "VendorShare",
    "VpaRecord",
    "blocking_connection_pool",
    "connection_pool",
    "read_notice",
    "read_webhook",
]
