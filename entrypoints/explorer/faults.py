"""Faults that the worlds must find: what was spoilt, where it shows, by which law, and on how short a way.

Owns the list, which is published; the tests plant each fault and hold the list to what is found.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class PlantedFault:
    """One fault in the rules, and where it shows."""

    spoils: str
    world: str
    law: str
    steps: int


FAULTS: Final = (
    PlantedFault("the amount is not compared", "mismatches", "I2", 1),
    PlantedFault("the currency is not compared", "mismatches", "I2", 1),
    PlantedFault("the merchant is not compared", "mismatches", "I2", 1),
    PlantedFault("the order id is not compared", "mismatches", "I2", 1),
    PlantedFault("the status number is not compared", "mismatches", "I2", 1),
    PlantedFault("a mismatch does not keep the goods back", "commands in every status", "I10", 1),
    PlantedFault("a mismatch does not keep refunds back", "commands in every status", "I3", 2),
    PlantedFault("reservations are ignored", "commands in every status", "I3", 3),
    PlantedFault("Juspay's own refunds are ignored", "commands in every status", "I3", 2),
    PlantedFault("a failed refund still holds", "a refund of another amount", "I3", 3),
    PlantedFault("a key makes a new refund each time", "commands in every status", "I3b", 3),
    PlantedFault("an unknown refund is sent again under a new id", "calls of a refund", "I6", 2),
    PlantedFault("a refund is sent again without a look", "calls of a refund", "I6", 1),
    PlantedFault("equal amounts are not spaced", "calls of a refund", "I6", 3),
    PlantedFault("an answer to an older question counts for a later call", "calls of a refund", "I6", 2),
    PlantedFault("a no to a second call ends a refund", "calls of a refund", "I35", 3),
    PlantedFault("duplicate.call ends a refund", "calls of a refund", "I6b", 2),
    PlantedFault("every answer is the newest", "commands in every status", "I16", 2),
    PlantedFault("every answer is news", "commands in every status", "I15", 1),
    PlantedFault("a newer answer unproves money", "mismatches", "I1", 2),
    PlantedFault("an older answer unproves money", "commands in every status", "no fault", 2),
    PlantedFault("a newer answer takes a refund back", "a refund of another amount", "I1", 2),
    PlantedFault("a transaction's word proves money", "words apart", "I2", 1),
    PlantedFault("an unknown word is success", "commands in every status", "I2", 1),
    PlantedFault("an unknown word is failure", "commands in every status", "I18", 1),
    PlantedFault("an unnamed charge is forgotten", "denials and late answers", "no fault", 1),
    PlantedFault("an unnamed charge is counted twice", "money without a name", "I10", 2),
    PlantedFault("money that went on is counted beside itself", "money without a name", "I3", 2),
    PlantedFault("a payment is inferred from a listed refund", "refunds by Juspay itself", "I3", 2),
    PlantedFault("an automatic refund is taken for a refund of the charge", "refunds by Juspay itself", "I18", 1),
    PlantedFault("an order's word that is less than its charge is not heard", "refunds by Juspay itself", "I17b", 2),
    PlantedFault("a denial does not keep refunds back", "mismatches", "I3", 3),
    PlantedFault("an order's denial is not heard", "denials and late answers", "I17b", 2),
    PlantedFault("a transaction's denial is not heard", "denials and late answers", "I17b", 2),
    PlantedFault("a verdict is never denied", "a refund of another amount", "I23c", 4),
    PlantedFault("the first word against a verdict is the only one", "calls of a refund", "I23c", 4),
    PlantedFault("a refund is unclear once only", "calls of a refund", "I23c", 4),
    PlantedFault("a settled word is never news again", "listings and verdicts", "I16", 4),
    PlantedFault("a settled word is news at once", "listings and verdicts", "I17", 3),
    PlantedFault("nobody ever gives up", "calls of a refund", "I6b", 4),
    PlantedFault("a missed refund is not given up", "calls of a refund", "I6b", 4),
    PlantedFault("calls never end", "calls again", "I6", 5),
    PlantedFault("calls that never left are counted", "calls of a refund", "I6c", 4),
    PlantedFault("a late success is not noticed", "a shorter life", "I11", 2),
    PlantedFault("our own clock expires an order", "commands in every status", "I18", 1),
    PlantedFault("nothing ever expires", "commands in every status", "I11", 1),
    PlantedFault("paid is announced each time", "commands in every status", "I10", 1),
    PlantedFault("a refund of another amount is adopted", "a refund of another amount", "I17", 2),
    PlantedFault("the order's send is not counted", "calls of a refund", "I6", 1),
    PlantedFault("money is taken from attempts that had not ended only", "commands in every status", "no fault", 2),
    PlantedFault("money is not heard of an attempt under way", "commands in every status", "no fault", 2),
    PlantedFault("the first soft answer wins", "commands in every status", "I16", 2),
    PlantedFault("a failed attempt stays failed", "commands in every status", "I16", 2),
    PlantedFault("an older soft answer wins", "commands in every status", "I16", 2),
    PlantedFault("proved money does not go on", "commands in every status", "I2b", 2),
    PlantedFault("a listed refund is not adopted", "a refund of another amount", "I17", 2),
    PlantedFault("a refund made elsewhere is not taken over", "commands in every status", "I17", 1),
    PlantedFault("a refused refund that is listed stays refused", "calls of a refund", "I17", 3),
    PlantedFault("an older word about a refund wins", "a refund made elsewhere", "I17", 2),
    PlantedFault("a refund that was given back after all is not heard", "a refund of another amount", "I17", 4),
    PlantedFault("a verdict of done is taken for not done", "a refund of another amount", "T4", 3),
    PlantedFault("a person's verdict does not move the refund", "a refund of another amount", "T4", 3),
    PlantedFault("no person can end a refund", "a refund of another amount", "T4", 3),
    PlantedFault("a paid order can be paid again", "commands in every status", "pay", 2),
    PlantedFault("the end of life does not keep the shopper from paying", "commands in every status", "I9", 1),
    PlantedFault("anybody's order may be paid", "commands in every status", "pay", 1),
    PlantedFault("a key takes another amount", "commands in every status", "I3b", 3),
    PlantedFault("a refund leaves the order's doubts aside", "commands in every status", "I3", 2),
    PlantedFault("a webhook is taken for an answer", "commands in every status", "I13", 1),
    PlantedFault("an event of the app is taken for an answer", "commands in every status", "I13", 1),
    PlantedFault("nobody looks at what is open", "commands in every status", "I23", 1),
    PlantedFault("what waits past its end is not overdue", "end of life", "I23b", 1),
    PlantedFault("a partial capture releases the goods", "commands in every status", "I10", 1),
    PlantedFault("applying a fact forgets the attempts", "commands in every status", "I15", 1),
    PlantedFault("applying a fact forgets a mismatch", "mismatches", "I15", 1),
    PlantedFault("the payment page opens before the SDK is ready", "a checkout, strict", "page", 1),
    PlantedFault("the payment page opens twice", "a checkout, strict", "page", 4),
    PlantedFault("a checkout that has ended begins again", "a checkout, strict", "step", 2),
    PlantedFault("an event outside its step moves the checkout", "a checkout, strict", "step", 1),
    PlantedFault("a checkout's time never runs out", "a checkout, strict", "step", 1),
    PlantedFault("a checkout cannot be ended", "a checkout, strict", "step", 1),
)
