"""A rule's refusal as a person at a terminal reads it, and as the API's answer tells it where JSON is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from paystate.core.describe.citations import cited
from paystate.core.orders.facts import Refused
from paystate.entrypoints.setup.help_links import rule_link
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import Settings


class RuleProblem(ConfigProblem, frozen=True, kw_only=True):
    """A rule said no. What it has beyond a problem is called, and is, as in the API's answer."""

    code: str
    rule: str
    detail: str
    facts: tuple[Mapping[str, str], ...]
    legal: tuple[str, ...]
    help: str


def refused_by_rule(refused: Refused, settings: Settings) -> ConfigProblem:
    """The rule's own words, what is possible instead, and where the service tells of the rule."""
    legal = f"possible: {', '.join(refused.legal)}; " if refused.legal else ""
    fix = f"{legal}see {rule_link(settings.public_url, refused.rule)}"
    return refused_with_fix(refused, settings, setting="refused", fix=fix)


def refused_with_fix(refused: Refused, settings: Settings, *, setting: str, fix: str) -> ConfigProblem:
    """The rule's own words, with a fix that helps more than the rule's page."""
    return RuleProblem(
        setting=setting,
        message=cited(refused.rule),
        fix=fix,
        code=refused.code,
        rule=refused.rule.id,
        detail=refused.detail,
        facts=tuple({"name": name, "value": value} for name, value in refused.facts),
        legal=refused.legal,
        help=rule_link(settings.public_url, refused.rule),
    )
