"""A rule's refusal as a person at a terminal reads it, and with the API's members where JSON is asked for."""

from __future__ import annotations

import msgspec

from paystate.core.describe.citations import cited
from paystate.core.orders.facts import Refused
from paystate.entrypoints.interface.refusals import NamedFact, refusal_view
from paystate.entrypoints.setup.help_links import published_rule_link
from paystate.entrypoints.setup.problems import ConfigProblem


class RuleProblem(ConfigProblem, frozen=True, kw_only=True):
    """A rule said no: a problem with the members of `RefusalView`."""

    code: str
    rule: str
    detail: str
    facts: tuple[NamedFact, ...]
    legal: tuple[str, ...]
    help: str


def refused_by_rule(refused: Refused) -> ConfigProblem:
    """The rule's own words, what is possible instead, and where more is told of the rule."""
    legal = f"possible: {', '.join(refused.legal)}; " if refused.legal else ""
    return refused_with_fix(refused, setting="refused", fix=f"{legal}see {published_rule_link(refused.rule)}")


def refused_with_fix(refused: Refused, *, setting: str, fix: str) -> ConfigProblem:
    """The rule's own words, with a fix that helps more than a page about the rule."""
    told = refusal_view(refused, published_rule_link(refused.rule))
    return RuleProblem(setting=setting, message=cited(refused.rule), fix=fix, **msgspec.structs.asdict(told))
