"""Who may do what at the console, how people are named, and how long a password has to be."""

import pytest
from attrs import evolve
from unit.builders import NOW

from paystate.core.console.users import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    ConsoleUser,
    Power,
    Role,
    checked_password,
    checked_user_name,
)
from paystate.core.errors import ValueInvalid
from paystate.core.requester import Requester

ASHA = ConsoleUser(name="asha", role=Role.ADMIN, password_hash="CANARY", added_at=NOW)


@pytest.mark.parametrize(
    ("role", "powers"),
    [
        (Role.VIEWER, {Power.READ}),
        (Role.OPERATOR, {Power.READ, Power.ACT}),
        (Role.ADMIN, {Power.READ, Power.ACT, Power.AGREE}),
    ],
)
def test_each_role_may_do_this_and_no_more(role: Role, powers: set[Power]) -> None:
    user = evolve(ASHA, role=role)
    assert powers == {power for power in Power if user.may(power)}


def test_somebody_who_is_disabled_may_do_nothing() -> None:
    user = evolve(ASHA, disabled_at=NOW)
    assert not any(user.may(power) for power in Power)


def test_a_journal_names_the_person_and_the_way_in() -> None:
    assert Requester("asha (console)") == ASHA.requester


def test_a_hash_is_not_printed() -> None:
    assert "CANARY" not in repr(ASHA)


@pytest.mark.parametrize(("given", "name"), [("asha", "asha"), (" Asha.Rao@Shop.Example ", "asha.rao@shop.example")])
def test_a_name_is_kept_in_small_letters(given: str, name: str) -> None:
    assert name == checked_user_name(given)


@pytest.mark.parametrize("given", ["", " ", "a b", "-a", ".a", "a" * 65, "\u0430sha", "a\u202eb", "<b>"])
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(ValueInvalid) as refused:
        checked_user_name(given)
    assert ("validation_failed", "/name") == (refused.value.code, refused.value.pointer)


@pytest.mark.parametrize("length", [PASSWORD_MIN, PASSWORD_MAX])
def test_a_password_of_this_length_is_taken(length: int) -> None:
    assert "p" * length == checked_password("p" * length)


@pytest.mark.parametrize("length", [0, PASSWORD_MIN - 1, PASSWORD_MAX + 1])
def test_a_password_of_that_length_is_not(length: int) -> None:
    with pytest.raises(ValueInvalid) as refused:
        checked_password("p" * length)
    assert "/password" == refused.value.pointer


@pytest.mark.parametrize("name", ["Asha", " asha", "ASHA"])
def test_nobody_is_there_under_another_case_of_a_name(name: str) -> None:
    with pytest.raises(ValueInvalid):
        evolve(ASHA, name=name)
