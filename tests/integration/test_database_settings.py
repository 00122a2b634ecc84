"""A database on PostgreSQL in the settings: what is refused, and what becomes of the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.database_checks import check_database, has_tls
from paystate.entrypoints.setup.problems import ConfigError
from paystate.entrypoints.setup.settings import PostgresSettings, Secret, Settings
from paystate.entrypoints.setup.settings_checks import check
from paystate.entrypoints.setup.weaknesses import weaknesses

AT_HOME, AWAY = "postgresql://paystate@localhost/shop", "postgresql://paystate@db.test:5433/shop"


def settings(database: str = AWAY, folder: str = ".", **postgres: Any) -> Settings:
    chosen = msgspec.convert(postgres, PostgresSettings)
    return Settings(merchants={}, public_url="https://pay.test", database=database, postgres=chosen, folder=folder)


@pytest.mark.parametrize(
    "database", ["mysql://me@db.test/shop", "postgres://me@db.test/shop", "postgresql://db.test", "postgresql://h:x/d"]
)
def test_what_is_no_address_is_refused(database: str) -> None:
    assert ["is not the address of a database on PostgreSQL"] == [
        one.message for one in check_database(settings(database))
    ]


@pytest.mark.parametrize("database", ["postgresql://me:CANARY@db.test/shop", f"{AWAY}?password=CANARY"])
def test_a_password_in_the_address_is_refused_and_not_repeated(database: str) -> None:
    problems = list(check_database(settings(database)))
    assert ["has a password in it"] == [one.message for one in problems]
    assert "CANARY" not in str(problems)
    with pytest.raises(ConfigError) as refused:
        bootstrap.postgres_config(settings(database))
    assert "CANARY" not in str(refused.value)


def test_what_tls_there_is_stands_in_one_place() -> None:
    problems = list(check_database(settings(f"{AWAY}?sslmode=prefer")))
    assert ["has a parameter that is not taken"] == [one.message for one in problems]


TWO = "postgresql://paystate@a.test:5432,b.test:5432/shop"


@pytest.mark.parametrize(
    "database", ["paystate.sqlite3", AT_HOME, AWAY, TWO, "postgresql:///shop?host=/run/postgresql"]
)
def test_a_file_or_an_address_is_taken(database: str) -> None:
    assert [] == list(check_database(settings(database)))


@pytest.mark.parametrize(
    ("database", "chosen", "is_encrypted"),
    [
        (AWAY, None, True),
        (AT_HOME, None, False),
        ("postgresql://paystate@127.0.0.1/shop", None, False),
        ("postgresql:///shop?host=/run/postgresql", None, False),
        ("postgresql:///shop?host=db.test", None, True),
        (TWO, None, True),
        ("postgresql://paystate@[::1]:5432,127.0.0.1/shop", None, False),
        (AT_HOME, True, True),
        (AWAY, False, False),
    ],
)
def test_what_leaves_this_machine_is_encrypted_unless_that_is_turned_off(
    database: str, chosen: bool | None, is_encrypted: bool
) -> None:
    at = settings(database, tls=chosen)
    assert is_encrypted == has_tls(at)
    assert is_encrypted == (bootstrap.postgres_config(at).tls is not None)


def test_a_server_elsewhere_without_tls_is_a_weakness() -> None:
    now = datetime(2031, 5, 6, tzinfo=UTC)
    found = [one.setting for one in weaknesses(settings(tls=False), now)]
    assert ["postgres.tls"] == found
    assert [] == [*weaknesses(settings(AT_HOME), now), *weaknesses(settings(), now)]


def test_the_password_is_read_from_its_place_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("CANARY\n")
    at = settings(folder=str(tmp_path), password=Secret(file="secret"), connections_max=7, timeout_s=3, prepared_max=9)
    config = bootstrap.postgres_config(at)
    assert ("CANARY", 7, 3, 9) == (config.password, config.connections_max, config.timeout_s, config.prepared_max)
    assert "CANARY" not in repr(config)


def test_a_password_that_is_not_there_is_told(tmp_path: Path) -> None:
    at = settings(folder=str(tmp_path), password=Secret(file="secret"))
    assert "postgres.password" in [one.setting for one in check(at, {})]
    with pytest.raises(ConfigError):
        bootstrap.postgres_config(at)


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    assert ["postgres.ca_file"] == [
        one.setting for one in check_database(settings(folder=str(tmp_path), ca_file="ca.pem"))
    ]


@pytest.mark.parametrize(
    ("name", "least", "most"), [("connections_max", 2, 1000), ("timeout_s", 1, 60), ("prepared_max", 0, 1000)]
)
def test_what_is_chosen_for_postgresql_has_a_range(name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert value == getattr(msgspec.convert({name: value}, PostgresSettings), name)
    for value in (least - 1, most + 1):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({name: value}, PostgresSettings)
