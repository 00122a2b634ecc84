"""The account of how true the sandbox is, held to the sandbox: no row without a source, no table without its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from generate import fidelity_page
from generate.fidelity import basis
from generate.fidelity.behaviours import BEHAVIOURS
from generate.fidelity.records import MARKS, Basis
from generate.fidelity.sources import KEYS, LINKS, PACKAGES, SECONDARY
from generate.fidelity_page import ROUTES

from paystate.adapters.juspay.client import JuspayClient
from paystate.adapters.juspay.notices import EVENTS as NOTICES
from paystate.entrypoints.sandbox import SandboxConfig
from paystate.entrypoints.sandbox.config import EVENTS
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS
from paystate.entrypoints.sandbox.gateway.methods import MAGIC_CARDS, MAGIC_VPAS
from paystate.entrypoints.sandbox.marks import Mark

TESTS = Path(__file__).resolve().parents[2]
CONTRACT = (TESTS.parent / "docs" / "gateway-contract.md").read_text("utf-8")
PROSE = re.sub(r"`[^`\n]*`", "", CONTRACT)
SWITCHES = {one.name for one in fields(SandboxConfig)} - basis.SETTINGS


def everything() -> Iterator[tuple[str, Basis]]:
    """Each row of each table, by a name, with what it rests on."""
    yield from ((one.message, Basis(one.section, one.mark, one.sources)) for one in BEHAVIOURS)
    for row in ROUTES:
        key = fidelity_page.route_key(row)
        yield key, Basis(row.ref, row.mark, basis.ROUTES[key].sources if key in basis.ROUTES else ())
    for table in (basis.FAULTS, basis.EVENTS, basis.SWITCHES):
        yield from table.items()
    for magic in (*MAGIC_VPAS, *MAGIC_CARDS):
        rests_on = basis.VALUES.get(magic.value)
        yield magic.value, Basis("K", magic.mark, rests_on.sources if rests_on else ())


ROWS = tuple(everything())


# --- marks and sources


def is_recording(key: str) -> bool:
    """Whether the source is a sample or a client that Juspay publishes, and not a page that explains."""
    return key in PACKAGES or LINKS[key].startswith("https://github.com/juspay/")


def test_every_mark_is_explained_and_every_row_has_one() -> None:
    assert set(get_args(Mark)) == MARKS.keys()
    assert set() == {one.mark for _, one in ROWS} - MARKS.keys()


def test_what_is_documented_names_a_page_of_juspays() -> None:
    pages = {key for key in LINKS if not is_recording(key)} - SECONDARY
    assert [] == [name for name, one in ROWS if one.mark == "documented" and pages.isdisjoint(one.sources)]


def test_what_is_recorded_names_a_sample_or_a_client() -> None:
    recordings = {key for key in KEYS if is_recording(key)}
    assert [] == [name for name, one in ROWS if one.mark == "recorded" and recordings.isdisjoint(one.sources)]


def test_what_is_secondary_names_its_reader() -> None:
    assert [] == [name for name, one in ROWS if one.mark == "secondary" and SECONDARY.isdisjoint(one.sources)]


def test_what_is_ours_claims_no_page() -> None:
    assert [] == [name for name, one in ROWS if one.mark == "ours" and one.sources]


# --- the contract's page


def test_every_section_that_is_cited_is_in_the_contract() -> None:
    anchors = {*re.findall(r'<a id="([^"]+)"></a>', CONTRACT), "-"}
    assert set() == {one.section.lower().replace(".", "") for _, one in ROWS} - anchors


def test_the_contract_cites_known_pages_and_gives_their_addresses() -> None:
    cited = set(re.findall(r"(?<!\])\[([a-z0-9-]+)\](?![(\[:])", PROSE))
    defined = dict(re.findall(r"^\[([a-z0-9-]+)\]: (\S+)$", CONTRACT, re.MULTILINE))
    assert set() == cited - KEYS
    assert {**LINKS, **{key: f"#{key}" for key in PACKAGES}} == defined


def test_every_decision_of_the_contract_has_its_row() -> None:
    sections = re.split(r'<a id="([^"]+)"></a>', CONTRACT)
    deciding = {name for name, body in zip(sections[1::2], sections[2::2], strict=True) if "**Decision" in body}
    deciding |= {name for name, body in zip(sections[1::2], sections[2::2], strict=True) if "**decision" in body}
    rows = {one.section.lower().replace(".", "") for one in BEHAVIOURS if one.decides}
    assert set() == deciding - rows - {"python-sdk"}


# --- the sandbox's tables


def test_every_route_has_its_sources_and_no_other_has() -> None:
    assert {fidelity_page.route_key(row) for row in ROUTES} == basis.ROUTES.keys()


def test_the_clients_methods_are_there() -> None:
    methods = {name for one in basis.ROUTES.values() for name in one.client}
    assert {"create_session", "order_status", "refund"} <= methods
    assert set() == {name for name in methods if not hasattr(JuspayClient, name)}


def test_every_fault_has_its_row_with_the_faults_own_mark() -> None:
    assert {kind.name: kind.mark for kind in FAULTS} == {name: one.mark for name, one in basis.FAULTS.items()}


def test_every_event_has_its_row() -> None:
    assert set() == set(EVENTS) - basis.EVENTS.keys()
    assert NOTICES.keys() == basis.EVENTS.keys()


def test_every_switch_has_its_row_and_its_sentence() -> None:
    assert SWITCHES == basis.SWITCHES.keys()
    assert set() == SWITCHES - fidelity_page.switch_sentences().keys()


def test_every_switch_that_a_row_names_is_one() -> None:
    assert set() == {one.switch for one in BEHAVIOURS if one.switch} - SWITCHES


def test_every_value_that_is_not_ours_has_its_sources() -> None:
    assert {one.value for one in (*MAGIC_VPAS, *MAGIC_CARDS) if one.mark != "ours"} == basis.VALUES.keys()


# --- what shows it


@pytest.mark.parametrize("path", sorted({one.shown_by.partition("::")[0] for one in BEHAVIOURS}))
def test_the_tests_that_show_it_are_there(path: str) -> None:
    there = set(re.findall(r"^ *(?:async )?def (test_\w+)\(", (TESTS / path).read_text("utf-8"), re.MULTILINE))
    named = {one.shown_by.partition("::")[2] for one in BEHAVIOURS if one.shown_by.startswith(f"{path}::")}
    assert set() == named - there


def test_every_row_is_on_the_page() -> None:
    page = fidelity_page.page()
    assert [] == [one.message for one in BEHAVIOURS if one.message not in page]
