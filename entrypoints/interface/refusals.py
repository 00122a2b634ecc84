"""A rule's refusal, member by member: the same over HTTP, at the terminal and in a program's own JSON."""

from __future__ import annotations

import msgspec

from paystate.core.orders.facts import Refused


class NamedFact(msgspec.Struct, frozen=True):
    """One thing the rule looked at."""

    name: str
    value: str


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule said no and nothing changed.

    `detail` is the rule's sentence, `facts` what it looked at, `legal` what may be done instead, and `help` the address
    of a page about the rule.
    """

    code: str
    rule: str
    detail: str
    facts: tuple[NamedFact, ...]
    legal: tuple[str, ...]
    help: str


def refusal_view(refused: Refused, link: str) -> RefusalView:
    """What a caller is told; `link` leads to the rule, where whoever is told can read it."""
    return RefusalView(
        code=refused.code,
        rule=refused.rule.id,
        detail=refused.detail,
        facts=tuple(NamedFact(name, value) for name, value in refused.facts),
        legal=refused.legal,
        help=link,
    )
