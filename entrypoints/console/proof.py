"""Money moves only for somebody who has given the password lately."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from paystate.core.console.sessions import is_proof_fresh
from paystate.core.use_cases.console.sign_in import is_password_of, prove_again
from paystate.entrypoints.console.access import AnyRequest, console_of, person_at

_WRONG: Final = "That is not your password."
_TOO_OFTEN: Final = "Too many wrong tries. Wait a quarter of an hour."


def needs_proof(request: AnyRequest) -> bool:
    """Whether a form has to ask for the password; behind a proxy, who it is is the proxy's matter."""
    console = console_of(request)
    return console.settings.proxy is None and not is_proof_fresh(person_at(request).session, console.now())


async def unproved(request: AnyRequest, fields: Mapping[str, str]) -> str:
    """What is wrong with the proof; `""` where none is needed, or the right password came with the form."""
    if not needs_proof(request):
        return ""
    console, person = console_of(request), person_at(request)
    tries = f"session {person.session.token_digest}"  # not the name's: a stolen session keeps nobody else out
    if console.failures.wait_s(tries):
        return _TOO_OFTEN
    console.failures.add(tries)
    if not await is_password_of(console.hasher, person.user, fields.get("password", "")):
        return _WRONG
    console.failures.take_back(tries)
    await prove_again(console.ports.store, person.session, console.now())
    return ""
