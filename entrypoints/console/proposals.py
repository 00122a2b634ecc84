"""What waits for a second person: look at it, agree, decline, or take it back."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.params import FromPath

from paystate.core.console.proposals import NotDecided, Proposal, ProposalState
from paystate.core.console.users import Power
from paystate.core.describe.citations import cited
from paystate.core.describe.grouped import with_amounts_grouped
from paystate.core.describe.what_if import answer_in_words
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.orders.facts import Refused
from paystate.core.use_cases.console.act import NotDone, agree, decline, would
from paystate.entrypoints.console.access import (
    AnyRequest,
    console_of,
    may_act,
    needs_sign_in,
    own_form,
    person_at,
)
from paystate.entrypoints.console.orders import NoSuchOrder, order_named, path_of
from paystate.entrypoints.console.proof import needs_proof, unproved
from paystate.entrypoints.console.proposal_rows import open_rows, proposal_row
from paystate.entrypoints.console.rendering import NO_ANSWER, Page, page, see, see_told


@get("/requests", guards=[needs_sign_in])
async def show_proposals(request: AnyRequest) -> Page:
    """All that waits."""
    console = console_of(request)
    waiting, is_cut = await open_rows(console)
    return page(request, "requests.html", waiting=waiting, is_cut=is_cut)


@get("/requests/{proposal_id:str}", guards=[needs_sign_in])
async def show_proposal(request: AnyRequest, proposal_id: FromPath[str]) -> Page:
    """One of them, with what it would do now."""
    return await _shown(request, await _proposal(request, proposal_id))


@post("/requests/{proposal_id:str}/agree", guards=[needs_sign_in, may_act])
async def agree_to_proposal(request: AnyRequest, proposal_id: FromPath[str]) -> Page:
    """Agree, and do it. Sent again, it does what was agreed to under the same key, so it is done once."""
    fields, console, user = await own_form(request), console_of(request), person_at(request).user
    proposal = await _proposal(request, proposal_id)
    if problem := await unproved(request, fields):
        return await _shown(request, proposal, 422, problem)
    try:
        result = await agree(console.ports, console.merchants, proposal_id, user)
    except (GatewayRejected, GatewayUnreachable, OutcomeUnknown):
        return await _shown(request, proposal, 503, NO_ANSWER)
    if result is None:
        raise NoSuchOrder
    if isinstance(result, Refused):
        return await _shown(
            request, await _proposal(request, proposal_id), 409, f"It was refused: {cited(result.rule)}."
        )
    if isinstance(result, NotDecided | NotDone):
        return await _shown(request, await _proposal(request, proposal_id), 409, str(result))
    return see_told(path_of(proposal.order), proposal.action.kind)


@post("/requests/{proposal_id:str}/decline", guards=[needs_sign_in, may_act])
async def decline_proposal(request: AnyRequest, proposal_id: FromPath[str]) -> Page:
    """Decline, or take back one's own."""
    await own_form(request)
    result = await decline(console_of(request).ports, proposal_id, person_at(request).user)
    if result is None:
        raise NoSuchOrder
    if isinstance(result, NotDecided):
        return await _shown(request, await _proposal(request, proposal_id), 409, result)
    return see("/requests")


HANDLERS: Final = (show_proposals, show_proposal, agree_to_proposal, decline_proposal)


async def _proposal(request: AnyRequest, proposal_id: str) -> Proposal:
    found = await console_of(request).ports.store.proposal(proposal_id)
    if found is None:
        raise NoSuchOrder
    return found


async def _shown(request: AnyRequest, proposal: Proposal, status: int = 200, problem: str = "") -> Page:
    console, person = console_of(request), person_at(request)
    merchant, order = await order_named(console, proposal.order.merchant_id, proposal.order.order_id)
    row, is_own = proposal_row(console, proposal, order), proposal.by == person.user.name
    is_waiting, sentences = row.state is ProposalState.WAITING, tuple[str, ...]()
    if is_waiting or row.is_unfinished:
        would_do = await would(console.ports, merchant, order.key, proposal.action, person.user.requester)
        sentences = tuple(map(with_amounts_grouped, answer_in_words(would_do)))
    may_agree = not is_own and person.user.may(Power.AGREE)
    return page(
        request,
        "request.html",
        status,
        row=row,
        sentences=sentences,
        problem=problem,
        may_agree=is_waiting and may_agree,
        may_finish=row.is_unfinished and may_agree,
        may_decline=bool(sentences) and (is_own or person.user.may(Power.AGREE)),
        is_own=is_own,
        needs_password=needs_proof(request),
    )
