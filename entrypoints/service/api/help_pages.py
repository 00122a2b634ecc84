"""The pages that refusals link to: every rule, and every error code.

They are made once, from the rows that decide and answer, so they say what this very service does.
"""

from __future__ import annotations

from typing import Final

from litestar import Router, get
from litestar.response import Response

from paystate.core.describe.citations import GROUPS, OUTCOMES
from paystate.entrypoints.interface.problem_kinds import rows_by_code
from paystate.entrypoints.service.api.openapi import PUBLIC, Answer, described
from paystate.entrypoints.service.api.pages import MEDIA_TYPE, page, rendered
from paystate.entrypoints.setup.help_links import ERRORS_PATH, RULES_PATH

_RULES: Final = rendered("rules.html", groups=GROUPS, outcomes=OUTCOMES)
_ERRORS: Final = rendered("errors.html", rows=rows_by_code(), rules_page=RULES_PATH.rpartition("/")[2])
_ANSWERS: Final = {200: Answer(model=str, example="<!doctype html>...", message="A page.", media_type=MEDIA_TYPE)}


@get(RULES_PATH, summary="Read the rules", operation_class=described(answers=_ANSWERS))
async def show_rules() -> Response[str]:
    """Every rule by which the service decides, each with an anchor: its id in lower case."""
    return page(_RULES)


@get(ERRORS_PATH, summary="Read the errors", operation_class=described(answers=_ANSWERS))
async def show_errors() -> Response[str]:
    """Every error code with its status, what it says and what to do about it, each with an anchor: the code."""
    return page(_ERRORS)


router = Router("/", route_handlers=[show_rules, show_errors], security=PUBLIC, tags=["service"])
