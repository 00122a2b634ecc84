"""A rule's refusal at the terminal has what the API's answer has."""

import msgspec

from paystate.core.lifecycle.guards import GUARDS
from paystate.core.orders.facts import Refused
from paystate.entrypoints.cli.refusals import refused_by_rule
from paystate.entrypoints.service.api.problems import body_of, refusal
from paystate.entrypoints.setup.settings import Settings

REFUSED = Refused(
    code="amount_exceeds_refundable",
    rule=GUARDS[0],
    looked_at=(("asked_minor", 50_001),),
    legal=("refund_part", "look"),
)


def test_a_refusal_tells_at_the_terminal_what_the_api_answers() -> None:
    settings = Settings(public_url="https://pay.example.test", merchants={})
    told = msgspec.to_builtins(refused_by_rule(REFUSED, settings))
    body = msgspec.to_builtins(body_of(refusal(REFUSED), "a-request", settings.public_url))
    both = ("code", "rule", "detail", "facts", "legal", "help")
    assert [body[name] for name in both] == [told[name] for name in both]
    assert {"setting", "message", "fix", *both} == told.keys()
    assert ({"name": "asked_minor", "value": "50001"},) == told["facts"]
