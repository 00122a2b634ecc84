"""Paystate as one object to embed. These names are promised: docs/reference/stability.md says what that means.

`PaystatePlugin` for Litestar stands apart, in `paystate.entrypoints.engine.litestar_plugin`, because it loads Litestar.
"""

from paystate.core.errors import (
    GatewayRejected,
    GatewayUnreachable,
    OutcomeUnknown,
    PaystateError,
    StorageUnavailable,
    ValueInvalid,
    WrongPlace,
)
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, CashOutcome, Customer, Refused
from paystate.core.orders.reason import Verdict
from paystate.entrypoints.engine.answers import (
    CheckoutCredentials,
    Reply,
    ShopperReturn,
    TryLater,
    UnknownId,
    as_dict,
)
from paystate.entrypoints.engine.blocking import BlockingPaystate, BlockingShop
from paystate.entrypoints.engine.paystate import Paystate, migrate
from paystate.entrypoints.engine.shop import Shop
from paystate.entrypoints.interface.amounts import Amount
from paystate.entrypoints.interface.order_search import OrderSearch
from paystate.entrypoints.interface.views.announcement_models import DeliveryView, EventData, EventView, OrderReadView
from paystate.entrypoints.interface.views.order_models import (
    CheckoutView,
    EventAnswer,
    HoldView,
    MomentView,
    OrderPage,
    OrderView,
    RefundView,
    ResultView,
    ReviewPage,
    ReviewView,
)
from paystate.entrypoints.setup.problems import SettingsInvalid
from paystate.entrypoints.setup.settings import (
    BackendKey,
    EndpointSettings,
    JwtSettings,
    MerchantSettings,
    PolicySettings,
    Secret,
    Settings,
    SigningKey,
    WebhookLogin,
)

__all__ = [
    "Amount",
    "BackendKey",
    "BlockingPaystate",
    "BlockingShop",
    "Capture",
    "CashOutcome",
    "CheckoutCredentials",
    "CheckoutView",
    "Customer",
    "DeliveryView",
    "EndpointSettings",
    "EventAnswer",
    "EventData",
    "EventView",
    "GatewayRejected",
    "GatewayUnreachable",
    "HoldView",
    "JwtSettings",
    "MerchantSettings",
    "MomentView",
    "Money",
    "OrderPage",
    "OrderReadView",
    "OrderSearch",
    "OrderView",
    "OutcomeUnknown",
    "Paystate",
    "PaystateError",
    "PolicySettings",
    "RefundView",
    "Refused",
    "Reply",
    "ResultView",
    "ReviewPage",
    "ReviewView",
    "Secret",
    "Settings",
    "SettingsInvalid",
    "Shop",
    "ShopperReturn",
    "SigningKey",
    "StorageUnavailable",
    "TryLater",
    "UnknownId",
    "ValueInvalid",
    "Verdict",
    "WebhookLogin",
    "WrongPlace",
    "as_dict",
    "migrate",
]
