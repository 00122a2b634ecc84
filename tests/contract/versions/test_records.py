"""A record is JSON: a program that writes one leaves out what it does not know of. So its form belongs to a schema."""

from __future__ import annotations

import json
from typing import Any

from contract.versions.records import KEPT, looks, written_anew

from paystate.adapters.storage.schema_head import SCHEMA_HEAD


def kept() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(KEPT.read_text())
    return read


def test_a_record_does_not_change_unnoticed() -> None:
    changed = {name for name, one in looks().items() if kept()["records"].get(name) != one}
    gone = kept()["records"].keys() - looks().keys()
    assert not changed | gone, "stored otherwise now: see CONTRIBUTING.md, 'Add a step to the schema'"


def test_no_program_from_before_the_newest_form_of_records_goes_on() -> None:
    made, _, oldest = SCHEMA_HEAD.partition(".")
    assert kept()["since"] <= (oldest or made), "an older program would leave out what it does not know of"


def test_a_record_of_a_new_type_leaves_older_programs_alone_and_a_changed_one_does_not() -> None:
    made = SCHEMA_HEAD.partition(".")[0]
    before = {"since": "0001", "records": {"Order": 1, "Fact": 2}}
    wider, changed, gone = {"Order": 1, "Fact": 2, "Proposal": 3}, {"Order": 1, "Fact": 3}, {"Order": 1}
    assert ["0001", made, made] == [written_anew(before, now)["since"] for now in (wider, changed, gone)]
