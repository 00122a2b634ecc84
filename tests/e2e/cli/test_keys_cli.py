"""API keys at the terminal: made with scopes and an end, listed, and taken away without touching anything else."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from beginnings import copied_database
from e2e.cli.terminal import paystate

from paystate.adapters.storage.instants import micros
from paystate.entrypoints.cli.common import out
from paystate.entrypoints.setup.credentials import Scope, sha256
from paystate.entrypoints.setup.settings import BackendKey
from paystate.entrypoints.setup.settings_file import read

DIGESTS = [f"{number:064x}" for number in range(4)]
SETTINGS = f"""# our shop
public_url = "http://127.0.0.1:8000"
[merchants.teashop]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = {{ env = "TEA_JUSPAY_KEY" }}
backend_keys = [
  "aaaaaaaa:{DIGESTS[0]}",  # the old shop
  {{ id = "bbbbbbbb", digest = "{DIGESTS[1]}", scopes = ["read"], expires = 2031-01-01T00:00:00Z, note = "reports" }},
]
[merchants.bookshop]
client_id = "bookshop"
base_url = "http://127.0.0.1:1"
api_key = {{ env = "TEA_JUSPAY_KEY" }}
backend_keys = [{{ id = "cccccccc", digest = "{DIGESTS[2]}", scopes = ["read", "money"] }}]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(out, "width", 200)
    path = tmp_path / "paystate.toml"
    path.write_text(SETTINGS, "utf-8")
    return path


def keys(file: Path) -> dict[str, BackendKey]:
    return {key.id: key for one in read(file, {}).merchants.values() for key in one.api_keys}


def test_a_new_key_s_line_is_a_line_of_the_settings(file: Path) -> None:
    made = paystate(
        "keys", "new", "--api-key-only", "--scope", "read", "--scope", "money", "--expires", "2030-01-02T03:04:05Z",
        "--note", "till 4",
    )  # fmt: skip
    assert 0 == made.exit_code
    assert not (file.parent / "keys").exists()
    line = next(line for line in made.output.splitlines() if "backend_keys" in line)
    file.write_text(re.sub(r"backend_keys = \[\n.*?\n\]", lambda _: line.strip(), SETTINGS, flags=re.DOTALL))
    key_id, secret = re.findall(r"pst_test_([a-z0-9]{8})_([\w-]{43})", made.output)[0]
    assert keys(file)[key_id] == BackendKey(
        id=key_id,
        digest=sha256(secret),
        scopes=(Scope.READ, Scope.MONEY),
        expires=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        note="till 4",
    )


def test_a_key_may_do_everything_unless_it_is_said_otherwise(file: Path) -> None:
    made = paystate("keys", "new", "--api-key-only").output
    assert 'scopes = ["read", "orders", "money", "review"]' in made


@pytest.mark.parametrize("note", ['a"b', "a\\b", "a\nb", "a\u200bb"], ids=ascii)
def test_a_note_that_would_break_the_settings_is_refused(file: Path, note: str) -> None:
    assert 1 == paystate("keys", "new", "--api-key-only", "--note", note).exit_code


def test_keys_are_listed_with_what_they_may_do_and_until_when(file: Path) -> None:
    copied_database(file.parent / "paystate.sqlite3")
    told = paystate("keys", "list").output
    rows = {line.split()[1]: " ".join(line.split()) for line in told.splitlines()[1:]}
    assert rows == {
        "aaaaaaaa": "teashop aaaaaaaa read, orders, money, review good, never expires never used",
        "bbbbbbbb": "teashop bbbbbbbb read good until 2031-01-01T00:00:00Z never used reports",
        "cccccccc": "bookshop cccccccc read, money good, never expires never used",
    }
    assert not any(digest in told for digest in DIGESTS)


def noted(file: Path, **uses: timedelta) -> None:
    """Keys of the tea shop that were used so long ago; `since` is when that began to be noted."""
    database = file.parent / "paystate.sqlite3"
    copied_database(database)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for key_id, ago in uses.items():
            row = ("teashop", key_id.removeprefix("since"), micros(datetime.now(UTC) - ago))
            connection.execute("insert into api_key_uses values (?, ?, ?)", row)


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=-3600), "just now"),
        (timedelta(seconds=90), "1 minute ago"),
        (timedelta(minutes=3, seconds=20), "3 minutes ago"),
        (timedelta(hours=5, minutes=1), "5 hours ago"),
        (timedelta(days=12, hours=2), "12 days ago"),
    ],
)
def test_a_key_s_last_use_is_listed(file: Path, ago: timedelta, told: str) -> None:
    noted(file, aaaaaaaa=ago)
    lines = paystate("keys", "list").output.splitlines()
    assert [True, False, False] == [told in line for line in lines[1:]]
    assert "never used" in lines[2]


def test_a_key_of_a_merchant_from_before_was_not_seen_since_uses_are_noted(file: Path) -> None:
    noted(file, since=timedelta(days=2), aaaaaaaa=timedelta(minutes=3))
    tea, tea_too, books = paystate("keys", "list").output.splitlines()[1:]
    assert ("3 minutes ago" in tea, "not seen since 20" in tea_too, "never used" in books) == (True, True, True)


def test_without_a_database_the_last_use_is_not_known(file: Path) -> None:
    told = paystate("keys", "list")
    assert (0, 3) == (told.exit_code, told.output.count("not known, the database cannot be read"))


def test_keys_are_listed_for_programs(file: Path) -> None:
    noted(file, bbbbbbbb=timedelta(minutes=3))
    listed = json.loads(paystate("keys", "list", "--json").output)
    assert ["aaaaaaaa", "bbbbbbbb", "cccccccc"] == [key["key_id"] for key in listed]
    used = datetime.fromisoformat(listed[1].pop("last_used"))
    assert timedelta(minutes=3) <= datetime.now(UTC) - used < timedelta(minutes=4)
    assert listed[1] == {
        "merchant_id": "teashop",
        "key_id": "bbbbbbbb",
        "scopes": ["read"],
        "state": "good",
        "expires": "2031-01-01T00:00:00Z",
        "revoked": None,
        "uses_known": True,
        "noted_since": None,
        "note": "reports",
    }
    assert listed[0]["last_used"] is None


def test_keys_of_one_merchant_are_listed(file: Path) -> None:
    told = paystate("keys", "list", "--merchant", "bookshop").output
    assert (True, False) == ("cccccccc" in told, "aaaaaaaa" in told)
    assert 1 == paystate("keys", "list", "--merchant", "nobody").exit_code


def test_an_expired_key_is_listed_as_such(file: Path) -> None:
    file.write_text(SETTINGS.replace("2031", "2021"))
    assert "expired 2021-01-01T00:00:00Z" in paystate("keys", "list").output


@pytest.mark.parametrize("key_id", ["aaaaaaaa", "bbbbbbbb", "cccccccc"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=ascii)
def test_a_revoked_key_is_the_only_thing_that_changes(file: Path, key_id: str, line_end: str) -> None:
    file.write_bytes(SETTINGS.replace("\n", line_end).encode())
    file.chmod(0o640)
    before = keys(file)
    told = paystate("keys", "revoke", key_id)
    after = keys(file)
    assert (0, True) == (told.exit_code, "SIGHUP" in told.output)
    assert [key_id] == [name for name, key in after.items() if key.revoked]
    assert {name: key for name, key in before.items() if name != key_id} == {
        name: key for name, key in after.items() if name != key_id
    }
    assert after[key_id].api_key().is_revoked
    changed = [
        pair for pair in zip(SETTINGS.splitlines(), file.read_text().splitlines(), strict=True) if pair[0] != pair[1]
    ]
    assert 1 == len(changed)
    assert 0o640 == stat.S_IMODE(file.stat().st_mode)
    assert line_end.encode() in file.read_bytes()
    assert [file.name] == [path.name for path in file.parent.iterdir()]
    assert f"revoked {after[key_id].revoked:%Y-%m-%dT%H:%M:%SZ}" in paystate("keys", "list").output


def test_a_key_is_revoked_once(file: Path) -> None:
    paystate("keys", "revoke", "aaaaaaaa")
    text = file.read_text()
    told = paystate("keys", "revoke", "aaaaaaaa")
    assert (1, text) == (told.exit_code, file.read_text())


def test_a_key_that_is_not_there_is_told(file: Path) -> None:
    told = paystate("keys", "revoke", "zzzzzzzz")
    assert (1, True) == (told.exit_code, "there is no zzzzzzzz" in told.output)


def test_an_entry_that_cannot_be_changed_alone_is_told_and_nothing_is_written(file: Path) -> None:
    text = SETTINGS.replace('note = "reports"', 'note = "reports {of} ours"')
    file.write_text(text)
    told = paystate("keys", "revoke", "bbbbbbbb")
    assert (1, text) == (told.exit_code, file.read_text())
    assert 'write this in place of the key\'s entry: { id = "bbbbbbbb"' in told.output


def test_a_twin_in_a_comment_is_not_taken_for_the_entry(file: Path) -> None:
    file.write_text(f'# "aaaaaaaa:{DIGESTS[0]}"\n{SETTINGS}')
    assert 0 == paystate("keys", "revoke", "aaaaaaaa").exit_code
    assert f'# "aaaaaaaa:{DIGESTS[0]}"' in file.read_text()
    assert keys(file)["aaaaaaaa"].revoked
