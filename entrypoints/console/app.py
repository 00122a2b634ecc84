"""The console put together: pages, and what becomes of a request that leads nowhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from attrs import evolve
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from paystate.core.errors import PortError, RecordUnreadable
from paystate.core.ports.console import PasswordHasher
from paystate.entrypoints.console import actions, case_file, operations, orders, proposals, sign_in, static
from paystate.entrypoints.console.access import FIELDS_MAX, AnyRequest, Console, NotAllowed, NotSignedIn
from paystate.entrypoints.console.finance import PAGES as FINANCE
from paystate.entrypoints.console.live import news
from paystate.entrypoints.console.orders import NoSuchOrder
from paystate.entrypoints.console.rendering import Page, bare_page, see
from paystate.entrypoints.console.watching.lookout import Lookout
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.service.api.request_guards import only_plain_requests
from paystate.entrypoints.service.api.response_headers import complete_answer, note_code, note_fault
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.tables.console import ConsoleSettings

FORM_BYTES_MAX: Final = 64 * 1024
_UNAVAILABLE: Final = "The database cannot be reached just now. Nothing was changed. Try again in a moment."
_UNREADABLE: Final = (
    "A stored record is damaged, or another version wrote it. To try again does not help: tell whoever runs Paystate."
)
_FAULT: Final = (
    "Something went wrong on our side. Nothing tells that it was done, so look at the order before you try again."
)


def create_app(runtime: Runtime, settings: ConsoleSettings, hasher: PasswordHasher) -> Litestar:
    """Build the ASGI application of the console; it opens nothing and closes nothing."""
    return app_on(state_of(runtime, settings, hasher))


def app_on(state: State) -> Litestar:
    """The console's routes on what one installation keeps, see `state_of`: they are the same for all."""
    parts = (sign_in, orders, proposals, case_file, actions, operations, *FINANCE, news, static)
    return Litestar(
        route_handlers=[handler for part in parts for handler in part.HANDLERS],
        state=state,
        middleware=[only_plain_requests],
        exception_handlers={
            NotSignedIn: _to_sign_in,
            NotAllowed: _not_allowed,
            NoSuchOrder: _nowhere,
            PortError: _unavailable,
            ApiProblem: _refused,
            HTTPException: _not_understood,
            Exception: _fault,
        },
        before_send=[_answer_begins],
        request_max_body_size=FORM_BYTES_MAX,
        multipart_form_part_limit=FIELDS_MAX,
        openapi_config=None,
        logging_config=None,
    )


def state_of(runtime: Runtime, settings: ConsoleSettings, hasher: PasswordHasher) -> State:
    """What the console of one installation keeps."""
    ours = evolve(runtime, public_url=settings.origin, hosts=(), trusted_proxies=settings.trusted_proxies)
    return State({"runtime": ours, "console": Console(runtime=runtime, settings=settings, hasher=hasher)})


def lookout_of(app: Litestar) -> Lookout:
    """What its open pages wait at; whoever ends the server ends it first."""
    console: Console = app.state.console
    return console.lookout


async def _answer_begins(message: Message, scope: Scope) -> None:
    """Hook before every message."""
    if message["type"] == "http.response.start":
        complete_answer(message, scope)


def _to_sign_in(request: AnyRequest, _: NotSignedIn) -> Page:
    """A page leads to the sign-in; what a form or a script wanted is not done."""
    if request.method == "GET" and "hx-request" not in request.headers:
        return see("/sign-in")
    return _said(401, "Your session has ended, and nothing was done. Sign in again.")


def _not_allowed(request: AnyRequest, why: NotAllowed) -> Page:
    note_code(request.scope, "not_allowed")
    return _said(403, why.message)


def _nowhere(_: AnyRequest, __: NoSuchOrder) -> Page:
    return _said(404, "There is no such page. The order may belong to a merchant who is not set up here.")


def _unavailable(request: AnyRequest, fault: PortError) -> Page:
    """What was sent may be stored all the same: its commit may have come through, or a part of it before the rest."""
    note_fault(request.scope, fault)
    if request.method != "GET":
        return _said(503, _FAULT)
    return _said(503, _UNREADABLE if isinstance(fault, RecordUnreadable) else _UNAVAILABLE)


def _refused(_: AnyRequest, problem: ApiProblem) -> Page:
    return _said(problem.kind.status, problem.kind.title)


def _not_understood(_: AnyRequest, wrong: HTTPException) -> Page:
    return _said(wrong.status_code, HTTPStatus(wrong.status_code).phrase)


def _fault(request: AnyRequest, fault: Exception) -> Page:
    note_fault(request.scope, fault)
    return _said(500, _FAULT)


def _said(status: int, message: str) -> Page:
    return bare_page("problem.html", status, message=message)
