"""A merchant's shop to click through: it embeds Paystate as any other backend would, and ships what is paid."""

from paystate.entrypoints.storefront.server import Place, PortTaken, running
from paystate.entrypoints.storefront.storefront import Storefront

__all__ = ["Place", "PortTaken", "Storefront", "running"]
