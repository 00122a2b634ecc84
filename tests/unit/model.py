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
OPEN_LABELS = ("PENDING", "UNKNOWN", "AUTHORIZED", "COD_INITIATED")
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
TRIES = 12
"""Calls of one refund, after which a person is asked."""


def class_of(word: str) -> str:
    return CLASSES.get(word, "UNKNOWN")


class Model:
    """One order. `heard` holds every fitting answer; refunds also depend on what we did and in which order."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.absences: list[tuple[int, bool]] = []
        self.wrongs: set[str] = set()
        self.refund_wrongs: set[str] = set()
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
            is_missed = name not in names and refund["state"] == "REQUESTED" and refund["tries"]
            if is_missed and said["asked"] > refund["absent"]:
                refund["absent"] = said["asked"]
                refund["gave_up"] = refund["gave_up"] or refund["tries"] >= TRIES

    def hear_nothing(self, asked: int, late: bool) -> None:
        self.absences.append((asked, late))

    def _list(self, asked: int, name: str, minor: int, word: str, automatic: bool) -> None:
        refund = self.refunds.setdefault(name, _refund(minor, ours=False, automatic=automatic))
        if refund["ours"] and refund["minor"] != minor:
            self.refund_wrongs.add(f"refund_review:{name}:amount:{minor / 100:.2f}")
            return
        refund["minor"] = max(refund["minor"], minor)
        kind = word if word in REFUND_CLASSES else "UNKNOWN"
        stamp = (asked, REFUND_CLASSES.index(kind))
        is_newest = all(stamp > seen for seen in refund["seen"])
        refund["seen"].append(stamp)
        if refund["state"] == "SUCCESS":
            return
        if refund["settled_over"] and kind != "SUCCESS":
            kind, is_newest = _newest_word(refund), _is_overtaken(refund)
        if refund["state"] in ("UNSEEN", "REQUESTED", "REJECTED") or kind == "SUCCESS" or is_newest:
            refund["flying"] = refund["flying"] and refund["state"] == kind
            refund["state"] = kind

    def request(self, name: str, minor: int) -> str:
        """Ask for a refund; returns "taken", "already so" or "refused"."""
        if name in self.refunds:
            known = self.refunds[name]
            return "already so" if known["ours"] and known["minor"] == minor else "refused"
        money = self.money()
        doubts = ("mismatch:", "partial_capture:", "over_refunded:", "denied:order:", "denied:attempt:")
        is_blocked = any(key.startswith(doubts) for key in self.open())
        is_fit = self.status() in ("PARTIAL_CHARGED", "CHARGED", "PARTIALLY_REFUNDED", "REFUNDED")
        if not is_fit or is_blocked or not 0 < minor <= money["captured"] - money["held"]:
            return "refused"
        self.refunds[name] = _refund(minor, ours=True) | {"state": "REQUESTED"}
        return "taken"

    def may_send(self, name: str, now_s: float) -> bool:
        """Whether a call is safe: the first one, one that never left, or one that a newer answer has missed.

        Calls that never left are not counted against what is permitted.
        """
        refund = self.refunds[name]
        is_known_missing = refund["absent"] >= refund["sent_version"]
        is_safe = not refund["tries"] or refund["never_left"] or is_known_missing
        equals = [one for one in self.refunds.values() if one["minor"] == refund["minor"] and one["tries"]]
        is_spaced = all(now_s - one["sent_s"] >= 5 for one in equals)
        is_permitted = refund["tries"] - refund["not_sent"] < TRIES
        return refund["state"] == "REQUESTED" and is_safe and is_spaced and is_permitted

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
            return
        refund["gave_up"] = refund["gave_up"] or refund["tries"] >= TRIES
        if how == "not sent" or code in TURNED_AWAY:
            refund.update(not_sent=refund["not_sent"] + 1, never_left=True)

    def settle(self, key: str, verdict: str, version: int) -> None:
        self.settled.add(key)
        if verdict == "accepted":
            return
        refund = self.refunds[key.split(":")[1]]
        assert refund["state"] in ("REQUESTED", "UNKNOWN", "MANUAL_REVIEW"), "a person ends only what no machine can"
        ended = "SUCCESS" if verdict == "done" else "FAILURE"
        went_by = max(refund["seen"], default=(-1, -1))
        refund.update(settled_over=refund["state"], settled_asked=version, settled_by=went_by, state=ended)

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
        if "" not in took:
            return took
        seen, unnamed = self.sightings(), took.pop("")
        last_unnamed = max(asked for asked, kind in seen[""] if kind == unnamed)
        # A part may be a part of the unnamed whole: it neither is that whole nor counts beside it.
        beside = {name: state for name, state in took.items() if (state, unnamed) != ("PARTIAL", "CHARGED")}
        for name, state in beside.items():
            first_told = min(asked for asked, kind in seen[name] if kind == state)
            was_less = ACROSS.index(state) < ACROSS.index(unnamed) and first_told <= last_unnamed
            if not was_less:
                return took  # this one is the unnamed
        return {"": unnamed, **beside}

    def money(self) -> dict[str, int]:
        took = list(self.standing().values())
        done = [one for one in self.refunds.values() if one["state"] == "SUCCESS"]
        held = [one for one in self.refunds.values() if one["state"] not in ("FAILURE", "REJECTED")]
        automatic = FULL * took.count("AUTO_REFUNDED")
        return {
            "captured": sum(PARTLY if state == "PARTIAL" else FULL for state in took),
            "refunded": _sum(done) + max(0, automatic - _sum(done, automatic=True)),
            "held": _sum(held) + max(0, automatic - _sum(held, automatic=True)),
            "automatic": automatic,
        }

    def status(self) -> str:
        took, money = self.standing().values(), self.money()
        if "CHARGED" in took:
            done = [one for one in self.refunds.values() if one["state"] == "SUCCESS"]
            back, own = _sum(done) - _sum(done, automatic=True), money["captured"] - money["automatic"]
            return "CHARGED" if back <= 0 else "REFUNDED" if back >= own else "PARTIALLY_REFUNDED"
        if took:
            return "PARTIAL_CHARGED" if "PARTIAL" in took else "AUTO_REFUNDED"
        kind, is_late = self._newest_word()
        return "EXPIRED" if is_late and kind in ("NEW", "FAILED") else LABELS.get(kind, kind)

    def _newest_word(self) -> tuple[str, bool]:
        """The class that Juspay last told, and whether its last answer of any kind was dated after the end."""
        ranked = [(said["asked"], SOFT.index(kind), said["late"]) for kind, said in self._words() if kind in SOFT]
        kind = SOFT[max(ranked)[1]] if ranked else "NEW"
        return kind, max([*ranked, *((asked, -1, late) for asked, late in self.absences)], default=(0, 0, False))[2]

    def _words(self) -> list[tuple[str, dict[str, Any]]]:
        return [(class_of(said["word"]), said) for said in self.heard]

    # --- what a person must look at -----------------------------------------------------------------------------------

    def reasons(self) -> set[str]:
        """Every reason, settled ones too."""
        took, money, label = self.standing(), self.money(), self.status()
        charged = sorted(name for name, state in took.items() if state == "CHARGED")
        found = {f"partial_capture:{name}:{PARTLY}" for name, state in took.items() if state == "PARTIAL"}
        if len(charged) > 1:
            found.add(f"second_charge:{','.join(charged)}")
        if money["held"] > money["captured"]:
            found.add(f"over_refunded:{money['held']}:{money['captured']}")
        if label in OPEN_LABELS and self._newest_word()[1]:
            found.add(f"overdue:{label}")
        if took and self._was_over_before_money():
            found.add(f"late_success:{','.join(sorted(took))}")
        for name, refund in self.refunds.items():
            found |= _refund_reasons(name, refund)
        return found | self.wrongs | self.refund_wrongs | self._denials()

    def open(self) -> set[str]:
        return self.reasons() - self.settled

    def _denials(self) -> set[str]:
        """The order's own word against its older ones; only where that is in order, each attempt's."""
        words = [(said["asked"], kind) for kind, said in self._words()]
        words += [(asked, "NOT_FOUND") for asked, _ in self.absences]
        proofs = {kind: ("NOT_FOUND", *SOFT) if kind in MONEY else ("NOT_FOUND",) for kind in (*SOFT, *MONEY)}
        if whole := _denial(words, proofs) or self._lesser_money():
            return {f"denied:order:{whole}"}
        proofs = {kind: (*SOFT, *MONEY[:rank]) for rank, kind in enumerate(MONEY)}
        denials = {name: _denial(seen, proofs) for name, seen in self.sightings().items()}
        return {f"denied:attempt:{name}:{denial}" for name, denial in denials.items() if denial}

    def _lesser_money(self) -> str | None:
        """The order's newest word on its money, where it is not the charge that still stands."""
        told = [(said["asked"], MONEY.index(kind)) for kind, said in self._words() if kind in MONEY]
        kind = MONEY[max(told)[1]] if told else "CHARGED"
        return kind if kind != "CHARGED" and "CHARGED" in self.standing().values() else None

    def _was_over_before_money(self) -> bool:
        """Whether an unpaid kind of answer, when last told, came after the end and before any proof of money."""
        proofs = [said["asked"] for kind, said in self._words() if kind in MONEY]
        unpaid: dict[str, list[tuple[int, bool]]] = {"NOT_FOUND": list(self.absences)}
        for kind, said in self._words():
            if kind in SOFT:
                unpaid.setdefault(kind, []).append((said["asked"], said["late"]))
        last = [max(told) for told in unpaid.values() if told]
        return bool(proofs) and any(is_late and asked <= min(proofs) for asked, is_late in last)

    def is_blocked(self) -> bool:
        return any(key.startswith(("mismatch:", "partial_capture:")) for key in self.open())

    def is_paid(self) -> bool:
        paid = bool({"CHARGED", "PARTIAL"} & set(self.standing().values())) and not self.is_blocked()
        self.was_paid = self.was_paid or paid
        return paid


def _settled_class(kinds: list[str], seen: list[tuple[int, str]]) -> str:
    hard = [kind for kind in kinds if kind in MONEY]
    if hard:
        return max(hard, key=MONEY.index)
    return max(seen, key=lambda one: (one[0], SOFT.index(one[1])))[1]


def _denial(told: list[tuple[int, str]], proofs: dict[str, tuple[str, ...]]) -> str | None:
    """The newest word that says less than an older question had proved."""
    first = {proof: min(asked for asked, kind in told if kind == proof) for proof in {kind for _, kind in told}}
    against = [
        (asked, kind)
        for asked, kind in told
        if any(kind in proofs[proof] and asked > first[proof] for proof in first if proof in proofs)
    ]
    return max(against)[1] if against else None


def _refund_reasons(name: str, refund: dict[str, Any]) -> set[str]:
    """A person ends what is unclear; and looks once more where Juspay tells less than was proved or settled."""
    told = [(asked, REFUND_CLASSES[rank]) for asked, rank in refund["seen"]]
    about = name if refund["settled_asked"] < 0 else f"{name}:{refund['settled_asked']}"
    found = set()
    if refund["state"] == "MANUAL_REVIEW":
        found.add(f"refund_review:{about}")
    if refund["state"] == "UNKNOWN" or (refund["state"] == "REQUESTED" and refund["gave_up"]):
        found.add(f"refund_unknown:{about}")
    denial = _denial(told, {"SUCCESS": REFUND_CLASSES[:-1]})
    if refund["state"] == "SUCCESS" and "SUCCESS" not in {kind for _, kind in told}:
        denial = max(_news(refund))[1] if _news(refund) else None
    return found | ({f"denied:refund:{name}:{denial}"} if denial else set())


def _news(refund: dict[str, Any]) -> list[tuple[int, str]]:
    """What Juspay has told at or after a person's verdict, other than the word that the verdict was given over."""
    told = [(asked, REFUND_CLASSES[rank]) for asked, rank in refund["seen"]]
    return [one for one in told if one[0] >= refund["settled_asked"] and one[1] != refund["settled_over"]]


def _newest_word(refund: dict[str, Any]) -> str:
    return REFUND_CLASSES[max(refund["seen"])[1]]


def _is_overtaken(refund: dict[str, Any]) -> bool:
    """Whether Juspay tells another word than the settled one, and newer than the verdict went by."""
    others = (one for one in refund["seen"] if REFUND_CLASSES[one[1]] != refund["settled_over"])
    return any(one > refund["settled_by"] for one in others)


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
        "gave_up": False,
        "flying": False,
        "never_left": False,
        "settled_over": "",
        "settled_asked": -1,
        "settled_by": (-1, -1),
    }


def _sum(refunds: list[dict[str, Any]], *, automatic: bool = False) -> int:
    return sum(one["minor"] for one in refunds if one["automatic"] or not automatic)
