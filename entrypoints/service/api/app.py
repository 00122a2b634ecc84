"""The service put together: routes, the one handler of faults, and what every answer carries."""

from __future__ import annotations

from typing import Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import Message, Scope

from paystate.entrypoints.interface.views import announcement_models, order_models
from paystate.entrypoints.service.api import (
    announcements,
    bodies,
    checkouts,
    days,
    describe,
    health,
    help_pages,
    holds,
    openapi,
    orders,
    problems,
    refunds,
    returns,
    review,
    sale,
    settlements,
    webhooks,
)
from paystate.entrypoints.service.api.app_origins import allow_origin, answers_preflights
from paystate.entrypoints.service.api.authentication import note_key_use
from paystate.entrypoints.service.api.query_parameters import only_known_parameters
from paystate.entrypoints.service.api.rate_limits import charge_failed, within_rates
from paystate.entrypoints.service.api.request_guards import only_plain_requests
from paystate.entrypoints.service.api.response_headers import complete_answer
from paystate.entrypoints.setup.runtime import Runtime

_PUBLISHED: Final = (*order_models.PUBLISHED, *announcement_models.PUBLISHED)


def create_app(runtime: Runtime) -> Litestar:
    """Build the ASGI application of one installation; it opens nothing and closes nothing."""
    return Litestar(
        route_handlers=[
            orders.router,
            sale.router,
            describe.router,
            refunds.router,
            holds.router,
            review.router,
            review.list_under_review,
            announcements.router,
            announcements.list_deliveries,
            days.router,
            settlements.router,
            checkouts.prefetch_payload,
            checkouts.for_backends,
            checkouts.for_apps,
            checkouts.for_both,
            returns.router,
            webhooks.take,
            health.router,
            help_pages.router,
        ],
        state=State({"runtime": runtime}),
        middleware=[only_plain_requests, within_rates, answers_preflights, only_known_parameters],
        exception_handlers={Exception: problems.answer_fault},
        before_send=[_answer_begins],
        request_max_body_size=bodies.BODY_BYTES_MAX,
        openapi_config=openapi.config(_PUBLISHED, webhooks.description()) if runtime.serves_docs else None,
        logging_config=None,
    )


async def _answer_begins(message: Message, scope: Scope) -> None:
    """Hook before every message."""
    if message["type"] == "http.response.start":
        complete_answer(message, scope)
        charge_failed(message, scope)
        note_key_use(scope)
        allow_origin(message, scope)
