"""A second, slower opinion on an order: plain data, everything worked out anew from the list of what was heard.

Written from the invariants and the gateway contract's section O, never from the core's code. It knows one order of
`FULL` minor units. An answer is a dictionary: `asked`, `word`, `txn`, `txn_word`; `price` (Juspay's amount), `paid`
(its effective amount), `captured` and `eligible`, each None where not told; `refunds`, `late` (dated after the end),
and `wrong`, the tail of the reason it opens where it is somebody else's. A refund is a dictionary made by `new_refund`.
"""

from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any

from unit.model.money import ACROSS, FULL, MONEY, REFUND_CLASSES, SOFT, Heard, class_of, new_refund

ENDED = ("FAILED", "VOIDED", *MONEY)
OPEN_LABELS = ("PENDING", "UNKNOWN", "AUTHORIZED")  # cash is between merchant and shopper, and never overdue
FAILED_HOLDS = ("CAPTURE_FAILED", "VOID_FAILED")
FINAL = {"invalid amount", "invalid.amount.exceeded"}
TURNED_AWAY = {"access_denied"}
TRIES = 12
"""Calls of one refund that may have arrived, after which a person is asked."""
CLOCK_AHEAD_S = 60
"""A call dated further ahead than this was dated by a wrong clock, and holds no other up."""
TXN = "acme-Order-1-"
"""Before the number of an attempt, in the names that count attempts."""
LOST = "RESOLVED_IN_CUSTOMER_FAVOUR"
DISPUTE_ENDS = {"RESOLVED_IN_MERCHANT_FAVOUR", "CANCELED", LOST}
HOLD_GOODS = ("mismatch:", "partial_capture:")
HOLD_REFUNDS = (*HOLD_GOODS, "over_refunded:", "denied:order:", "denied:attempt:", "dispute:")
UNCLEAR = ("REQUESTED", "UNKNOWN", "MANUAL_REVIEW")


class Model(Heard):
    """One order. Its refunds also depend on what we did and in which order."""

    def __init__(self) -> None:
        super().__init__()
        self.wrongs: dict[str, int | None] = {}
        self.refund_wrongs: set[str] = set()
        self.settled: dict[str, str] = {}
        self.prices = {FULL}
        self.mentioned: dict[str, tuple[bool, int]] = {}
        """Payments that webhooks name: whether one calls it paid, and the version that then was."""
        self.disputes: set[tuple[str, str]] = set()
        self.told: set[str] = set()
        """What the merchant was told for good: that the order is paid, and that this was withdrawn."""

    def at_rest(self) -> "Model":
        """The same while nothing happens: what half of the model asks for is worked out once.

        What it finds was told is kept, for both share one set.
        """
        resting = copy(self)
        for name in ("attempts", "captured_attempts", "money", "status", "reasons"):
            setattr(resting, name, cache(getattr(resting, name)))
        return resting

    # --- what happens -------------------------------------------------------------------------------------------------

    def fits(self, reported: dict[str, Any]) -> bool:
        """Whether an answer is of our order: a person may have found another price to be right."""
        return not reported["wrong"] or (reported["wrong"].startswith("amount:") and reported["price"] in self.prices)

    def hear(self, reported: dict[str, Any]) -> None:
        """Take an answer to a question about the order."""
        if not self.fits(reported):
            self.wrongs[f"mismatch:{reported['wrong']}"] = (
                reported["price"] if reported["wrong"].startswith("amount:") else None
            )
            return
        self.heard.append(reported)
        self._list_all(reported["asked"], reported["refunds"])

    def hear_of_refunds(self, reported: dict[str, Any]) -> None:
        """Take the answer to a refund call: it moves refunds, and says nothing of the order."""
        if self.fits(reported):
            self._list_all(reported["asked"], reported["refunds"])

    def hear_nothing(self, asked: int, late: bool) -> None:
        self.absences.append((asked, late))

    def name(self, txns: Iterable[str], word: str, dispute: tuple[str, str] | None, version: int) -> None:
        """Take a webhook: names to be explained, and no money."""
        attempts, is_paid = self.attempts(), class_of(word) in MONEY
        for name in txns:
            explains = MONEY if is_paid else ENDED
            is_known = name in self.mentioned and not is_paid
            if name in self.mentioned and self.mentioned[name][0]:
                is_known = not self._is_explained(name)  # a claim that was denied is news when it is made again
            if attempts.get(name) not in explains and not is_known:
                self.mentioned[name] = (is_paid, version)
        self.disputes |= {dispute} if dispute else set()

    def _list_all(self, asked: int, refunds: list[tuple[str, int, str, bool]]) -> None:
        for one in refunds:
            self._list(asked, *one)
        names = {one[0] for one in refunds}
        for name, refund in self.refunds.items():
            is_missed = name not in names and refund["state"] == "REQUESTED" and refund["tries"]
            if is_missed and asked > refund["absent"]:
                refund["absent"] = asked
                is_spent = asked >= refund["sent_version"] and _left(refund) >= TRIES
                refund["tries_exhausted"] = refund["tries_exhausted"] or is_spent

    def _list(self, asked: int, name: str, minor: int, word: str, automatic: bool) -> None:
        refund = self.refunds.setdefault(name, new_refund(minor, ours=False))
        if refund["ours"] and refund["minor"] != minor:
            self.refund_wrongs.add(f"refund_review:{name}:amount:{minor / 100:.2f}")
            return
        refund["automatic"] = refund["automatic"] or (automatic and not refund["ours"])
        refund["minor"] = max(refund["minor"], minor)
        kind = word if word in REFUND_CLASSES else "UNKNOWN"
        stamp = (asked, REFUND_CLASSES.index(kind))
        is_newest = all(stamp > seen for seen in refund["seen"])
        refund["seen"].append(stamp)
        if refund["state"] == "SUCCESS":
            return
        if refund["settled_from_state"] and kind != "SUCCESS":
            kind, is_newest = _newest_word(refund), _is_overtaken(refund)
        if refund["state"] in ("UNSEEN", "REQUESTED", "REJECTED") or kind == "SUCCESS" or is_newest:
            refund["flying"] = refund["flying"] and refund["state"] == kind
            refund["state"] = kind

    def request(self, name: str, minor: int, now_s: float = 0, version: int = 0) -> str:
        """Ask for a refund; returns "taken", "already so" or "refused"."""
        if name in self.refunds:
            known = self.refunds[name]
            return "already so" if known["minor"] == minor else "refused"
        is_fit = self.status() in (
            "PARTIAL_CHARGED",
            "CHARGED",
            "PARTIALLY_REFUNDED",
            "REFUNDED",
            "AUTO_REFUNDED",
        )
        is_fit = is_fit or self.money()["captured"] > 0  # Juspay may give back what no answer has named
        if not is_fit or self.blocks_refunds() or not 0 < minor <= self.money()["refundable"]:
            return "refused"
        knows = {"after_failure": bool(self._failed_automatic()), "since_s": now_s, "version": version}
        self.refunds[name] = new_refund(minor, ours=True) | {"state": "REQUESTED"} | knows
        return "taken"

    def blocks_refunds(self) -> bool:
        return any(key.startswith(HOLD_REFUNDS) for key in self.open())

    def may_send(self, name: str, now_s: float) -> bool:
        """Whether a call is safe: the first one, one that never left, or one that a newer answer has missed.

        Every time it is asked anew whether there is money for it, and whether a person has to look first.
        """
        refund = self.refunds[name]
        is_known_missing = refund["absent"] >= refund["sent_version"]
        is_safe = not refund["tries"] or refund["never_left"] or is_known_missing
        equals = [one for one in self.refunds.values() if one["minor"] == refund["minor"] and one["tries"]]
        is_spaced = all(now_s - one["sent_s"] >= 5 or one["sent_s"] - now_s > CLOCK_AHEAD_S for one in equals)
        is_held = self.blocks_refunds() or self._twins(name) or not self.has_room() or self._is_held_back(name)
        return refund["state"] == "REQUESTED" and is_safe and is_spaced and _left(refund) < TRIES and not is_held

    def send(self, name: str, now_s: float, version: int) -> None:
        refund = self.refunds[name]
        refund.update(tries=refund["tries"] + 1, sent_s=now_s, sent_version=version, flying=True, never_left=False)

    def may_be_given_up(self, name: str) -> bool:
        """Whether it ends without a call: there is no money for it any more, and no call can have arrived."""
        refund = self.refunds[name]
        return refund["state"] == "REQUESTED" and not _left(refund) and not self.has_room()

    def give_up(self, name: str) -> None:
        self.refunds[name]["state"] = "REJECTED"

    def end(self, name: str, how: str, code: str) -> None:
        refund = self.refunds[name]
        if not refund["flying"]:
            return
        refund["flying"] = False
        if how == "refused" and code in FINAL and _left(refund) == 1:
            refund["state"] = "REJECTED" if refund["state"] == "REQUESTED" else refund["state"]
            return
        if how == "not sent" or code in TURNED_AWAY:
            refund.update(not_sent=refund["not_sent"] + 1, never_left=True)
        refund["tries_exhausted"] = _left(refund) >= TRIES

    def verdicts(self, key: str) -> set[str]:
        """What a person may say to an open reason."""
        if self.wrongs.get(key) is not None:
            return {"accepted", "declined"}
        if key.startswith("dispute:") and LOST in key:
            return {"done", "not_done"}
        if refund := self.refunds.get(_refund_of(key)):
            is_found_done = key.startswith("denied:") and "SUCCESS" not in _told(refund)
            is_unclear = not key.startswith("denied:") and refund["state"] in UNCLEAR
            return {"done", "not_done"} if is_found_done or is_unclear else {"accepted"}
        return {"accepted"}

    def settle(self, key: str, verdict: str, version: int) -> None:
        self.settled[key] = verdict
        if key.startswith("dispute:"):
            about = key.split(":")[1]
            self.charged_back[about] = self.most_charged_back(about) if verdict == "done" else 0
        if (price := self.wrongs.get(key)) is not None:
            self.prices.add(price)
        if verdict not in ("done", "not_done") or key.startswith("dispute:"):
            return
        refund, twins = self.refunds[_refund_of(key)], self._twins(_refund_of(key))
        denied_by = max(_news(refund), default=(0, ""))[1]
        over = denied_by if key.startswith("denied:") else refund["state"]
        rank = REFUND_CLASSES.index(over) if over in REFUND_CLASSES else -1
        went_by = (max(refund["seen"], default=(-1, -1))[0], rank)
        ended = "SUCCESS" if verdict == "done" else "FAILURE"
        refund.update(settled_from_state=over, settled_asked=version, settled_by=went_by, state=ended)
        is_named = verdict == "done" and key.startswith("refund_unknown:") and twins
        refund["is_another"] = twins[0] if is_named else ""

    # --- what a person must look at -----------------------------------------------------------------------------------

    def reasons(self) -> set[str]:
        """Every reason, settled ones too."""
        took, money, label = self.captured_attempts(), self.money(), self.status()
        charged = sorted(name for name, state in took.items() if state == "CHARGED")
        parts = sorted(name for name, state in took.items() if state == "PARTIAL")
        found = set(self.wrongs) | self.refund_wrongs | self._denials() | self._unexplained() | self._failed_holds()
        if len(charged) > 1:
            found.add(f"second_charge:{','.join(charged)}")
        if parts:
            found.add(f"partial_capture:{','.join(parts)}:{sum(self.captured(name, 'PARTIAL') for name in parts)}")
        if money["reserved"] > money["captured"]:
            found.add(f"over_refunded:{money['reserved']}:{money['captured']}")
        if "order.paid" in self.told and not self.is_proved():
            found.add(f"withdrawn:{','.join(sorted(took))}")
        if label in OPEN_LABELS and self.newest_word()[1]:
            found.add(f"overdue:{label}")
        if took and self._was_over_before_money():
            found.add(f"late_success:{','.join(sorted(took))}")
        for name in self.refunds:
            found |= self._refund_reasons(name)
        return found | self._failed_returns(money) | self._dispute_reasons()

    def open(self) -> set[str]:
        return self.reasons() - set(self.settled)

    def _failed_automatic(self) -> list[str]:
        return sorted(name for name, one in self.refunds.items() if one["automatic"] and one["state"] == "FAILURE")

    def _failed_returns(self, money: dict[str, Any]) -> set[str]:
        """What Juspay meant to give back by itself and did not, as long as nobody else has made up for it.

        A refund that was asked for before anybody knew, and is not listed, makes up for nothing yet.
        """
        failed, is_all = self._failed_automatic(), money["captured"] == money["returning"]
        # Beside a payment that is kept nobody knows which one the merchant's refunds were of.
        unaware = sum(one["minor"] for one in self.refunds.values() if _is_unaware(one))
        going = money["reserved"] - (unaware if is_all else money["reserved_of_kept"])
        return {f"auto_refund_failed:{failed[0]}:{len(failed)}"} if failed and going < money["returning"] else set()

    def _is_held_back(self, name: str) -> bool:
        """Whether nobody has said yet that it is to make up for what Juspay failed to give back."""
        money = self.money()
        is_all = money["captured"] == money["returning"]
        return is_all and _is_unaware(self.refunds[name]) and bool(self._failed_returns(money) - set(self.settled))

    def _unexplained(self) -> set[str]:
        """Beside money: every payment that a webhook names, or that was counted, and that no answer has shown ended.

        Without money: every one that a webhook calls paid, where an answer since shows an order that looks unpaid.
        """
        took, attempts = self.captured_attempts(), self.attempts()
        if not took:
            return {f"unexplained_payment:{name}" for name in self._claimed() if not self._is_explained(name)}
        counted = [int(name.removeprefix(TXN)) for name in attempts if name.startswith(TXN)]
        named = {*self.mentioned, *(f"{TXN}{number}" for number in range(1, max(counted, default=0)))}
        found = {f"unexplained_payment:{name}" for name in named if not self._is_explained(name)}
        back = [name for name, state in took.items() if state == "AUTO_REFUNDED"]
        is_another = self.money()["captured"] > sum(self.captured(name, state) for name, state in took.items())
        if is_another and len(back) < len(took):  # Juspay gives back what no answer has shown; another one stands
            found.add(f"unexplained_payment:{min(name for name, one in self.refunds.items() if one['automatic'])}")
        return found

    def _claimed(self) -> list[str]:
        asked = [said["asked"] for said in self.heard] + [when for when, _ in self.absences]
        is_unpaid = self.status() in ("FAILED", "EXPIRED", "VOIDED", "COD_INITIATED")
        last = max(asked, default=-1) if is_unpaid else -1
        return [name for name, (is_paid, since) in self.mentioned.items() if is_paid and since <= last]

    def _is_explained(self, name: str) -> bool:
        state, (is_paid, since) = self.attempts().get(name), self.mentioned.get(name, (False, -1))
        if state not in ENDED or state in MONEY:
            return state in MONEY
        last = max(one["asked"] for one in self.observations()[name] if one["kind"] == state)
        return not is_paid or last >= since

    def _failed_holds(self) -> set[str]:
        """Held money that could be neither taken nor let go."""
        if self.status() != "AUTHORIZED":
            return set()
        seen = self.observations()
        words = {
            name: max((one["asked"], one["txn_word"] or one["word"]) for one in seen[name] if one["kind"] == "HELD")[1]
            for name, state in self.attempts().items()
            if state == "HELD"
        }
        if not words or not set(FAILED_HOLDS) & set(words.values()):  # the order may tell it alone
            last = max((said["asked"], said["word"]) for kind, said in self.words() if kind == "HELD")[1]
            words = dict.fromkeys(words or [""], last)
        return {f"capture_failed:{name}:{word}" for name, word in words.items() if word in FAILED_HOLDS}

    def _dispute_reasons(self) -> set[str]:
        stages = {about: {stage for one, stage in self.disputes if one == about} for about, _ in self.disputes}
        return {f"dispute:{about}:{','.join(sorted(seen & DISPUTE_ENDS)) or 'open'}" for about, seen in stages.items()}

    def _denials(self) -> set[str]:
        """The order's own word against its older ones; only where that is in order, each attempt's."""
        words = [(said["asked"], kind) for kind, said in self.words()]
        words += [(asked, "NOT_FOUND") for asked, _ in self.absences]
        proofs: dict[str, tuple[str, ...]] = {
            kind: ("NOT_FOUND", *SOFT) if kind in MONEY else ("NOT_FOUND",) for kind in (*SOFT, *MONEY)
        }
        if whole := _denial(words, proofs) or self._lesser_money():
            return {f"denied:order:{whole}"}
        proofs = {kind: (*SOFT, *MONEY[:rank]) for rank, kind in enumerate(MONEY)}
        told = {name: [(one["asked"], one["kind"]) for one in seen] for name, seen in self.observations().items()}
        denials = {name: _denial(seen, proofs) for name, seen in told.items()}
        return {f"denied:attempt:{name}:{denial}" for name, denial in denials.items() if denial}

    def _lesser_money(self) -> str | None:
        """The order's newest word on its money, where it is not the charge that still stands."""
        told = [(said["asked"], ACROSS.index(kind)) for kind, said in self.words() if kind in MONEY]
        newest = [(said["asked"], MONEY.index(kind)) for kind, said in self.words() if kind in MONEY]
        is_charge = not told or ACROSS[max(told)[1]] == "CHARGED"  # of two answers to one question neither denies
        kind = "CHARGED" if is_charge else MONEY[max(newest)[1]]
        return kind if kind != "CHARGED" and "CHARGED" in self.captured_attempts().values() else None

    def _was_over_before_money(self) -> bool:
        """Whether an unpaid kind of answer, when last told, came after the end and before any proof of money."""
        proofs = [said["asked"] for kind, said in self.words() if kind in MONEY]
        unpaid: dict[str, list[tuple[int, bool]]] = {"NOT_FOUND": list(self.absences)}
        for kind, said in self.words():
            if kind in SOFT:
                unpaid.setdefault(kind, []).append((said["asked"], said["late"]))
        last = [max(told) for told in unpaid.values() if told]
        return bool(proofs) and any(is_late and asked <= min(proofs) for asked, is_late in last)

    def _twins(self, name: str) -> list[str]:
        """Refunds of the merchant's under other names that may be ours, which was sent: same amount, same time."""
        ours = self.refunds[name]
        if ours["state"] != "REQUESTED" or not _left(ours):
            return []
        taken = {one["is_another"] for other, one in self.refunds.items() if other != name}
        # None of them is dated: one may be ours where no question asked before ours knew of it.
        return sorted(
            other
            for other, one in self.refunds.items()
            if not one["ours"] and not one["automatic"] and one["minor"] == ours["minor"]
            and other not in taken and min(one["seen"])[0] >= ours["version"]
        )  # fmt: skip

    def _refund_reasons(self, name: str) -> set[str]:
        """A person ends what is unclear; and looks once more where Juspay tells less than was proved or settled."""
        refund = self.refunds[name]
        about = name if refund["settled_asked"] < 0 else f"{name}:{refund['settled_asked']}"
        is_asked_for, is_missing = refund["state"] == "REQUESTED", 0 <= refund["sent_version"] <= refund["absent"]
        found = set()
        if refund["state"] == "MANUAL_REVIEW":
            found.add(f"refund_review:{about}")
        elif twins := self._twins(name):
            found.add(f"refund_unknown:{about}:{','.join(twins)}")
        elif refund["state"] == "UNKNOWN" or (is_asked_for and refund["tries_exhausted"]):
            found.add(f"refund_unknown:{about}")
        elif is_asked_for and is_missing and _left(refund) and not self.has_room():
            found.add(f"refund_unknown:{about}")  # it may be under way, and there is no money to send it again
        if "SUCCESS" in _told(refund):
            told = [(asked, REFUND_CLASSES[rank]) for asked, rank in refund["seen"]]
            denial = _denial(told, {"SUCCESS": REFUND_CLASSES[:-1]}) or self._vanished(name)
            return found | ({f"denied:refund:{name}:{denial}"} if denial else set())
        if refund["state"] == "SUCCESS" and _news(refund):
            found.add(f"denied:refund:{name}:{max(_news(refund))[1]}:{refund['settled_asked']}")
        elif refund["is_another"] and not refund["seen"] and not self._is_counted_elsewhere(refund):
            found.add(f"denied:refund:{name}:{refund['is_another']}:{refund['settled_asked']}")
        return found

    def _vanished(self, name: str) -> str:
        """A word for it where a newer answer about the order does not list the refund any more."""
        is_wrong = any(wrong.startswith(f"refund_review:{name}:") for wrong in self.refund_wrongs)
        newest = max((answer["asked"] for answer in self.heard), default=-1)
        return "unlisted" if newest > max(self.refunds[name]["seen"])[0] and not is_wrong else ""

    def is_paid(self) -> bool:
        declined = {self.wrongs.get(key) for key, verdict in self.settled.items() if verdict == "declined"}
        stands = [name for name, state in self.captured_attempts().items() if state != "AUTO_REFUNDED"]
        is_held = any(key.startswith(HOLD_GOODS) for key in self.open())
        paid = any(self.price(name) not in declined for name in stands) and not is_held
        return paid

    def may_goods_go(self) -> bool:
        """Whether they may still go: paid, and the price neither is back nor going there, be it without a surcharge."""
        money, took = self.money(), self.captured_attempts()
        own, going = money["captured"] - money["returning"], money["reserved_of_kept"]
        surcharge = max((self.paid(name) - FULL for name in took), default=0)
        is_price_back = going > 0 and own - going <= max(0, surcharge)
        may_go = self.is_paid() and not is_price_back
        self.told |= {"order.paid"} if may_go else set()
        self.told |= {"order.withdrawn"} if "order.paid" in self.told and not self.is_proved() else set()
        return may_go


def _is_unaware(refund: dict[str, Any]) -> bool:
    """Whether it was asked for before Juspay's own refund was known to have failed, and Juspay has not listed it."""
    return refund["ours"] and refund["state"] == "REQUESTED" and not refund["after_failure"]


def _denial(told: list[tuple[int, str]], proofs: dict[str, tuple[str, ...]]) -> str | None:
    """The newest word that says less than an older question had proved."""
    first = {proof: min(asked for asked, kind in told if kind == proof) for proof in {kind for _, kind in told}}
    against = [
        (asked, kind)
        for asked, kind in told
        if any(kind in proofs[proof] and asked > first[proof] for proof in first if proof in proofs)
    ]
    return max(against)[1] if against else None


def _refund_of(key: str) -> str:
    """The refund that a reason is about, or ""."""
    kind, *rest = key.split(":")
    if kind == "denied":
        return rest[1] if rest[0] == "refund" else ""
    return rest[0] if kind in ("refund_review", "refund_unknown") else ""


def _told(refund: dict[str, Any]) -> set[str]:
    return {REFUND_CLASSES[rank] for _, rank in refund["seen"]}


def _left(refund: dict[str, Any]) -> int:
    """Calls that may have arrived."""
    return refund["tries"] - refund["not_sent"]


def _news(refund: dict[str, Any]) -> list[tuple[int, str]]:
    """What Juspay has told at or after a person's verdict, other than the word that the verdict was given over."""
    told = [(asked, REFUND_CLASSES[rank]) for asked, rank in refund["seen"]]
    return [one for one in told if one[0] >= refund["settled_asked"] and one[1] != refund["settled_from_state"]]


def _newest_word(refund: dict[str, Any]) -> str:
    return REFUND_CLASSES[max(refund["seen"])[1]]


def _is_overtaken(refund: dict[str, Any]) -> bool:
    """Whether Juspay tells another word than the settled one, and newer than the verdict went by."""
    others = (one for one in refund["seen"] if REFUND_CLASSES[one[1]] != refund["settled_from_state"])
    return any(one > refund["settled_by"] for one in others)
