"""A second, slower opinion on an order: plain data, everything worked out anew from the list of what was heard.

Written from the invariants, never from the core's code. It knows one order of `FULL` minor units.
"""

from typing import Any

FULL = 10_000
PARTLY = 6000
"""What a partial capture takes in every story told to this model."""

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
    "PARTIAL_CHARGED": "PARTIAL",
    "CHARGED": "CHARGED",
    "AUTO_REFUNDED": "AUTO_REFUNDED",
}
LABELS = {"COD": "COD_INITIATED", "HELD": "AUTHORIZED"}
REFUND_CLASSES = ("UNKNOWN", "PENDING", "MANUAL_REVIEW", "FAILURE", "SUCCESS")
FINAL = {"invalid amount", "invalid.amount.exceeded"}
TURNED_AWAY = {"access_denied"}


def class_of(word: str) -> str:
    return CLASSES.get(word, "UNKNOWN")


class Model:
    """One order. `heard` holds every fitting answer; refunds also depend on what we did and in which order."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.absences: list[tuple[int, bool]] = []
        self.wrongs: set[str] = set()
        self.settled: set[str] = set()
        self.refunds: dict[str, dict[str, Any]] = {}
        self.was_paid = False

    # --- what happens -------------------------------------------------------------------------------------------------

    def hear(self, said: dict[str, Any]) -> None:
        """Take an answer: asked, word, txn, txn_word, refunds, late (dated after the end), wrong."""
        if said["wrong"]:
            self.wrongs.add(f"mismatch:{said['wrong']}")
            return
        self.heard.append(said)
        for one in said["refunds"]:
            self._list(said["asked"], *one)
        names = {one[0] for one in said["refunds"]}
        for name, refund in self.refunds.items():
            if name not in names and refund["state"] == "REQUESTED" and refund["tries"]:
                refund["absent"] = max(refund["absent"], said["asked"])

    def hear_nothing(self, asked: int, late: bool) -> None:
        self.absences.append((asked, late))

    def _list(self, asked: int, name: str, minor: int, word: str, automatic: bool) -> None:
        refund = self.refunds.setdefault(name, _refund(minor, ours=False, automatic=automatic))
        if refund["ours"] and refund["minor"] != minor:
            return
        refund["minor"] = max(refund["minor"], minor)
        kind = word if word in REFUND_CLASSES else "UNKNOWN"
        stamp = (asked, REFUND_CLASSES.index(kind))
        is_newest = all(stamp > seen for seen in refund["seen"])
        refund["seen"].append(stamp)
        if kind == refund["settled_over"] or refund["state"] == "SUCCESS":
            return
        if refund["state"] in ("UNSEEN", "REQUESTED", "REJECTED") or kind == "SUCCESS" or is_newest:
            refund["flying"] = refund["flying"] and refund["state"] == kind
            refund["state"] = kind

    def request(self, name: str, minor: int) -> str:
        """Ask for a refund; returns "taken", "already so" or "refused"."""
        if name in self.refunds:
            known = self.refunds[name]
            return "already so" if known["ours"] and known["minor"] == minor else "refused"
        money = self.money()
        over = f"over_refunded:{money['held']}:{money['captured']}"
        is_blocked = self.is_blocked() or (money["held"] > money["captured"] and over not in self.settled)
        is_fit = self.status() in ("PARTIAL_CHARGED", "CHARGED", "PARTIALLY_REFUNDED", "REFUNDED")
        if not is_fit or is_blocked or not 0 < minor <= money["captured"] - money["held"]:
            return "refused"
        self.refunds[name] = _refund(minor, ours=True) | {"state": "REQUESTED"}
        return "taken"

    def may_send(self, name: str, now_s: float) -> bool:
        """Whether a call is safe: the first one, one that never left, or one that a newer answer has missed."""
        refund = self.refunds[name]
        is_known_missing = refund["absent"] >= refund["sent_version"]
        is_safe = not refund["tries"] or refund["never_left"] or is_known_missing
        equals = [one for one in self.refunds.values() if one["minor"] == refund["minor"] and one["tries"]]
        is_spaced = all(now_s - one["sent_s"] >= 5 for one in equals)
        return refund["state"] == "REQUESTED" and is_safe and is_spaced

    def send(self, name: str, now_s: float, version: int) -> None:
        refund = self.refunds[name]
        refund.update(tries=refund["tries"] + 1, sent_s=now_s, sent_version=version, flying=True, never_left=False)

    def end(self, name: str, how: str, code: str) -> None:
        refund = self.refunds[name]
        if not refund["flying"]:
            return
        refund["flying"] = False
        is_only = refund["tries"] - refund["not_sent"] == 1
        if how == "refused" and code in FINAL and is_only:
            refund["state"] = "REJECTED" if refund["state"] == "REQUESTED" else refund["state"]
        elif how == "not sent" or code in TURNED_AWAY:
            refund.update(not_sent=refund["not_sent"] + 1, never_left=True)

    def settle(self, key: str, verdict: str) -> None:
        self.settled.add(key)
        if verdict == "accepted":
            return
        refund = self.refunds[key.split(":")[1]]
        assert refund["state"] in ("REQUESTED", "UNKNOWN", "MANUAL_REVIEW"), "a person ends only what no machine can"
        refund.update(settled_over=refund["state"], state="SUCCESS" if verdict == "done" else "FAILURE")

    # --- what follows -------------------------------------------------------------------------------------------------

    def sightings(self) -> dict[str, list[tuple[int, str]]]:
        """Per attempt, "" for the one without a name: every (asked, class)."""
        seen: dict[str, list[tuple[int, str]]] = {}
        for said in self.heard:
            whole, kind = class_of(said["word"]), None
            if said["txn"] is not None:
                kind = class_of(said["txn_word"] or said["word"])
                if kind in MONEY:  # only the order's own word proves money
                    kind = min(kind, whole, key=ACROSS.index) if whole in MONEY else "PENDING"
                seen.setdefault(said["txn"], []).append((said["asked"], kind))
            if whole in MONEY and kind != whole:
                seen.setdefault("", []).append((said["asked"], whole))
        return seen

    def attempts(self) -> dict[str, str]:
        return {name: _settled_class([kind for _, kind in seen], seen) for name, seen in self.sightings().items()}

    def standing(self) -> dict[str, str]:
        took = {name: state for name, state in self.attempts().items() if state in MONEY}
        if "" in took and any(self._is_the_unnamed(name) for name in took if name):
            del took[""]
        return took

    def _is_the_unnamed(self, name: str) -> bool:
        seen, states = self.sightings(), self.attempts()
        state, unnamed = states[name], states[""]
        if state == unnamed:
            return True
        last_unnamed = max(asked for asked, kind in seen[""] if kind == unnamed)
        first = min(asked for asked, kind in seen[name] if kind == state)
        return unnamed in {kind for _, kind in seen[name]} and first > last_unnamed

    def money(self) -> dict[str, int]:
        took = list(self.standing().values())
        captured = sum(PARTLY if state == "PARTIAL" else FULL for state in took)
        automatic = FULL * took.count("AUTO_REFUNDED")
        done = [one for one in self.refunds.values() if one["state"] == "SUCCESS"]
        held = [one for one in self.refunds.values() if one["state"] not in ("FAILURE", "REJECTED")]
        return {
            "captured": captured,
            "refunded": _sum(done) + max(0, automatic - _sum(done, automatic=True)),
            "held": _sum(held) + max(0, automatic - _sum(held, automatic=True)),
            "automatic": automatic,
        }

    def status(self) -> str:
        took, money = self.standing().values(), self.money()
        if "CHARGED" in took:
            back, own = money["refunded"] - money["automatic"], money["captured"] - money["automatic"]
            return "CHARGED" if back <= 0 else "REFUNDED" if back >= own else "PARTIALLY_REFUNDED"
        if took:
            return "PARTIAL_CHARGED" if "PARTIAL" in took else "AUTO_REFUNDED"
        ranked = [(said["asked"], SOFT.index(class_of(said["word"])), said["late"]) for said in self.heard]
        kind = SOFT[max(ranked)[1]] if ranked else "NEW"
        newest = max([*ranked, *((asked, -1, late) for asked, late in self.absences)], default=(0, 0, False))
        is_over = newest[2] and kind in ("NEW", "FAILED")
        return "EXPIRED" if is_over else LABELS.get(kind, kind)

    def is_blocked(self) -> bool:
        partial = {f"partial_capture:{name}:{PARTLY}" for name, state in self.standing().items() if state == "PARTIAL"}
        return bool((self.wrongs | partial) - self.settled)

    def is_paid(self) -> bool:
        paid = bool({"CHARGED", "PARTIAL"} & set(self.standing().values())) and not self.is_blocked()
        self.was_paid = self.was_paid or paid
        return paid


def _settled_class(kinds: list[str], seen: list[tuple[int, str]]) -> str:
    hard = [kind for kind in kinds if kind in MONEY]
    if hard:
        return max(hard, key=MONEY.index)
    return max(seen, key=lambda one: (one[0], SOFT.index(one[1])))[1]


def _refund(minor: int, *, ours: bool, automatic: bool = False) -> dict[str, Any]:
    return {
        "minor": minor,
        "ours": ours,
        "automatic": automatic,
        "state": "UNSEEN",
        "seen": [],
        "tries": 0,
        "not_sent": 0,
        "sent_s": 0.0,
        "sent_version": -1,
        "absent": -1,
        "flying": False,
        "never_left": False,
        "settled_over": "",
    }


def _sum(refunds: list[dict[str, Any]], *, automatic: bool = False) -> int:
    return sum(one["minor"] for one in refunds if one["automatic"] or not automatic)
