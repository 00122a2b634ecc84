"""A rule's refusal at the terminal has what the API's answer has."""

import msgspec

from paystate.core.lifecycle.guards import GUARDS
from paystate.core.orders.facts import Refused
from paystate.entrypoints.cli.refusals import refused_by_rule
from paystate.entrypoints.service.api.problems import body_of, refusal

REFUSED = Refused(
    code="amount_exceeds_refundable",
    rule=GUARDS[0],
    looked_at=(("asked_minor", 50_001),),
    legal=("refund_part", "look"),
)


PUBLISHED = "https://github.com/paystate/paystate/blob/main/docs/reference/lifecycle.md#g1"


def test_a_refusal_tells_at_the_terminal_what_the_api_answers() -> None:
    told = msgspec.to_builtins(refused_by_rule(REFUSED))
    body = msgspec.to_builtins(body_of(refusal(REFUSED), "a-request", "https://pay.example.test"))
    both = ("code", "rule", "detail", "facts", "legal")
    assert [body[name] for name in both] == [told[name] for name in both]
    assert {"setting", "message", "fix", "help", *both} == told.keys()
    assert ({"name": "asked_minor", "value": "50001"},) == told["facts"]


def test_each_links_to_a_page_that_is_there() -> None:
    """The service to its own; the terminal, which does not know whether a service runs, to the published one."""
    body = body_of(refusal(REFUSED), "a-request", "https://pay.example.test")
    assert "https://pay.example.test/docs/rules#g1" == body.help
    told = msgspec.to_builtins(refused_by_rule(REFUSED))
    assert (PUBLISHED, f"possible: refund_part, look; see {PUBLISHED}") == (told["help"], told["fix"])
