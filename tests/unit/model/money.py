"""What follows for an order's money from what was heard: the half of the model that adds up.

Written from the gateway contract's sections G.1 and O, never from the core's code. Everything is worked out anew from
the list of answers and the refunds, which are plain dictionaries; `unit.model.order` says how both come about.
"""

from typing import Any

FULL = 10_000
SOFT = ("NEW", "UNKNOWN", "PENDING", "FAILED", "COD", "VOIDED", "HELD")  # on a tie the later one wins
MONEY = ("PARTIAL", "CHARGED", "AUTO_REFUNDED")  # within one attempt it only goes this way
ACROSS = ("AUTO_REFUNDED", "PARTIAL", "CHARGED")  # among attempts of one order the last one counts most
CLASSES = {
    "NEW": "NEW",
    "PENDING_VBV": "PENDING",
    "AUTHORIZATION_FAILED": "FAILED",
    "COD_INITIATED": "COD",
    "VOIDED": "VOIDED",
    "AUTHORIZED": "HELD",
    "CAPTURE_FAILED": "HELD",
    "VOID_FAILED": "HELD",
    "PARTIAL_CHARGED": "PARTIAL",
    "CHARGED": "CHARGED",
    "AUTO_REFUNDED": "AUTO_REFUNDED",
}
LABELS = {"COD": "COD_INITIATED", "HELD": "AUTHORIZED"}
NOT_MADE = ("FAILURE", "REJECTED")
REFUND_CLASSES = ("UNKNOWN", "PENDING", "MANUAL_REVIEW", "FAILURE", "SUCCESS")


def class_of(word: str) -> str:
    return CLASSES.get(word, "UNKNOWN")


class Heard:
    """An order's answers and refunds.

    `heard` holds every answer that fitted, `absences` every one that knew of no such order.
    """

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.absences: list[tuple[int, bool]] = []
        self.refunds: dict[str, dict[str, Any]] = {}
        self.charged_back: dict[str, int] = {}
        """By dispute, what the bank took back, as a person's last word on it has it."""
        self._sorted: tuple[int, dict[str, list[dict[str, Any]]]] = 0, {}

    def observations(self) -> dict[str, list[dict[str, Any]]]:
        """Per attempt, "" for the one without a name: every answer that spoke of it, with its `kind`.

        Sorted once for each answer more, as half of the model asks for it.
        """
        if self._sorted[0] != len(self.heard):
            self._sorted = len(self.heard), self._observations()
        return self._sorted[1]

    def _observations(self) -> dict[str, list[dict[str, Any]]]:
        seen: dict[str, list[dict[str, Any]]] = {}
        for said in self.heard:
            whole, kind = class_of(said["word"]), None
            if said["txn"] is not None:
                kind = class_of(said["txn_word"] or said["word"])
                if kind in MONEY:  # only the order's own word proves money
                    kind = min(kind, whole, key=ACROSS.index) if whole in MONEY else "PENDING"
                seen.setdefault(said["txn"], []).append(said | {"kind": kind})
            if whole in MONEY and kind != whole:
                seen.setdefault("", []).append(said | {"kind": whole})
        return seen

    def attempts(self) -> dict[str, str]:
        return {name: _settled_class(seen) for name, seen in self.observations().items()}

    def captured_attempts(self) -> dict[str, str]:
        took = {name: state for name, state in self.attempts().items() if state in MONEY}
        if "" not in took:
            return took
        seen, unnamed = self.observations(), took.pop("")
        last_unnamed = max(one["asked"] for one in seen[""] if one["kind"] == unnamed)
        # A part may be a part of the unnamed whole: it neither is that whole nor counts beside it.
        beside = {name: state for name, state in took.items() if (state, unnamed) != ("PARTIAL", "CHARGED")}
        for name, state in beside.items():
            first_told = min(one["asked"] for one in seen[name] if one["kind"] == state)
            was_less = ACROSS.index(state) < ACROSS.index(unnamed) and first_told <= last_unnamed
            if not was_less:
                return took  # this one is the unnamed
        return {"": unnamed, **beside}

    def paid(self, name: str) -> int:
        """What the shopper paid with an attempt: as Juspay told it, be it while the money was held, else its price.

        A silence takes nothing back.
        """
        seen = [one for one in self.observations()[name] if one["paid"] is not None]
        told = [one["paid"] for one in seen if one["kind"] in MONEY] or [one["paid"] for one in seen if _is_held(one)]
        return max(told) if told else self.price(name)

    def price(self, name: str) -> int:
        """The order's price, as told with the money of an attempt."""
        return max(one["price"] for one in self.observations()[name] if one["kind"] in MONEY)

    def captured(self, name: str, state: str) -> int:
        """What was taken: of a part only what was told to be taken."""
        parts = [one["captured"] or 0 for one in self.observations()[name] if one["kind"] == "PARTIAL"]
        was_whole = any(one["kind"] == "CHARGED" for one in self.observations()[name])
        return max(parts) if parts and not was_whole else self.paid(name)

    def money(self) -> dict[str, Any]:
        took = self.captured_attempts()
        back = {name for name, state in took.items() if state == "AUTO_REFUNDED"}
        returned = sum(self.captured(name, took[name]) for name in back)
        automatic = [one for one in self.refunds.values() if one["automatic"]]
        counted = [one for one in self.refunds.values() if not self._is_counted_elsewhere(one)]
        held = [one for one in counted if one["state"] not in NOT_MADE]
        done = [one for one in held if one["state"] == "SUCCESS"]
        # Each one that Juspay makes by itself gives a payment back; several that failed may be tries at the same one.
        tried = max((one["minor"] for one in automatic if one not in held), default=0)
        returning = max(returned, _sum(held, automatic=True), tried)
        # A payment that goes back, and no refund that says how: nothing better is known than that it is back.
        assumed = max(0, returned - _sum(automatic)) if len(automatic) < len(back) else 0
        # A status names one payment: of two that took money, the other may be what goes back.
        others = {name: self.captured(name, took[name]) for name in took if name not in back}
        other_way = min(returning - returned, sum(others.values()) - max(others.values())) if others else 0
        captured, reserved = returning + sum(others.values()) - other_way, _sum(held) + assumed
        charged_back = sum(self.charged_back.values())
        theirs = self._eligible(counted, others)
        return {
            "captured": captured,
            "returning": returning,
            "refunded": _sum(done) + assumed,
            "automatic": _sum(done, automatic=True) + assumed,
            "assumed": assumed,
            "refunded_of_kept": _sum(done) - _sum(done, automatic=True),
            "charged_back": charged_back,
            "reserved": reserved + charged_back,
            "reserved_of_kept": _sum(held) - _sum(held, automatic=True) + charged_back,
            "eligible": theirs,
            "refundable": max(0, min(captured - reserved - charged_back, captured if theirs is None else theirs)),
        }

    def _is_counted_elsewhere(self, one: dict[str, Any]) -> bool:
        """Whether a person found it under another name, which has not failed; until it is listed under its own."""
        return bool(one["is_another"]) and not one["seen"] and self.refunds[one["is_another"]]["state"] not in NOT_MADE

    def most_charged_back(self, about: str) -> int:
        """What a dispute of untold amount took: one payment, as far as it has not gone back otherwise."""
        took, money = self.captured_attempts(), self.money()
        others = sum(minor for name, minor in self.charged_back.items() if name != about)
        left = money["captured"] - money["refunded"] - others
        return max(0, min(left, max((self.captured(name, took[name]) for name in took), default=0)))

    def _eligible(self, counted: list[dict[str, Any]], others: dict[str, int]) -> int | None:
        """Juspay's own limit for what it named, as it would be now, and all that was taken of what it did not name.

        What Juspay had counted when it told it is what was listed by then and had not failed.
        """
        told = [(said["asked"], -said["eligible"], said["txn"] or "") for said in self.heard
                if said["eligible"] is not None]  # fmt: skip
        if not told:
            return None
        asked, limit, txn = max(told)  # of two answers to one question the smaller limit
        ours = [one for one in counted if not one["automatic"]]
        since = [one["minor"] for one in ours if one["state"] not in NOT_MADE and not _was_under_way(one, asked)]
        gone = [one["minor"] for one in counted if one["state"] in NOT_MADE and _was_under_way(one, asked)]
        took = self.captured_attempts()
        if txn and txn not in took and set(took) - {""}:
            return None  # a figure of one that took nothing says nothing of those that did
        is_one_of_them = txn and txn in took
        beside = sum(minor for name, minor in others.items() if name != txn) if is_one_of_them else 0
        return -limit - sum(since) + sum(gone) + beside

    def has_room(self) -> bool:
        """Whether all that is reserved can be paid out of what was taken, and Juspay will do it."""
        money = self.money()
        return money["reserved"] <= money["captured"] and (money["eligible"] is None or money["eligible"] >= 0)

    def status(self) -> str:
        took, money = self.captured_attempts().values(), self.money()
        back, own = money["refunded_of_kept"], money["captured"] - money["returning"]
        if "CHARGED" in took and back > 0:
            return "REFUNDED" if back >= own > 0 else "PARTIALLY_REFUNDED"
        if "CHARGED" in took:
            return "CHARGED"
        if "PARTIAL" in took:
            return "REFUNDED" if back >= own > 0 else "PARTIAL_CHARGED"
        if took:
            return "AUTO_REFUNDED"
        kind, is_late = self.newest_word()
        return "EXPIRED" if is_late and kind in ("NEW", "FAILED") else LABELS.get(kind, kind)

    def newest_word(self) -> tuple[str, bool]:
        """The class that Juspay last told, and whether its last answer of any kind was dated after the end."""
        ranked = [(said["asked"], SOFT.index(kind), said["late"]) for kind, said in self.words() if kind in SOFT]
        kind = SOFT[max(ranked)[1]] if ranked else "NEW"
        return kind, max([*ranked, *((asked, -1, late) for asked, late in self.absences)], default=(0, 0, False))[2]

    def words(self) -> list[tuple[str, dict[str, Any]]]:
        return [(class_of(said["word"]), said) for said in self.heard]

    def is_proved(self) -> bool:
        return bool({"CHARGED", "PARTIAL"} & set(self.captured_attempts().values()))


def _settled_class(seen: list[dict[str, Any]]) -> str:
    hard = [one["kind"] for one in seen if one["kind"] in MONEY]
    if hard:
        return max(hard, key=MONEY.index)
    return max(seen, key=lambda one: (one["asked"], SOFT.index(one["kind"])))["kind"]


def _is_held(reported: dict[str, Any]) -> bool:
    return reported["kind"] == "HELD"


def _was_under_way(refund: dict[str, Any], asked: int) -> bool:
    """Whether it was listed by then, and its last word among those was not that it failed."""
    by_then = {rank for when, rank in refund["seen"] if when <= asked}
    last = max(((when, rank) for when, rank in refund["seen"] if rank in by_then), default=(0, 0))
    return bool(by_then) and REFUND_CLASSES[last[1]] != "FAILURE"


def new_refund(minor: int, *, ours: bool) -> dict[str, Any]:
    return {
        "minor": minor,
        "ours": ours,
        "automatic": False,
        "state": "UNSEEN",
        "seen": [],
        "since_s": 0.0,
        "tries": 0,
        "not_sent": 0,
        "sent_s": 0.0,
        "sent_version": -1,
        "absent": -1,
        "tries_exhausted": False,
        "flying": False,
        "never_left": False,
        "settled_from_state": "",
        "settled_asked": -1,
        "settled_by": (-1, -1),
        "is_another": "",
        "version": -1,
        "after_failure": False,
    }


def _sum(refunds: list[dict[str, Any]], *, automatic: bool = False) -> int:
    return sum(one["minor"] for one in refunds if one["automatic"] or not automatic)
