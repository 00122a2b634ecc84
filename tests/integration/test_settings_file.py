"""What is wrong with the settings' text and with the files of secrets: named with its place and how to fix it."""

from __future__ import annotations

import os
import re
from importlib.metadata import metadata
from pathlib import Path

import pytest

from paystate.core.describe.citations import RULES
from paystate.entrypoints.setup import help_links
from paystate.entrypoints.setup.help_links import HOW_TO_SET_UP, published_rule_link
from paystate.entrypoints.setup.problems import SettingsInvalid
from paystate.entrypoints.setup.settings import Secret, Settings
from paystate.entrypoints.setup.settings_checks import check
from paystate.entrypoints.setup.settings_file import read

SECRET = "CANARY-8c1d-do-not-print"
TEXT = """
public_url = "https://pay.test"
[merchants.teashop]
client_id = "teashop"
base_url = "https://sandbox.juspay.in"
api_key = { file = "juspay.key" }
[merchants.bookshop]
client_id = "bookshop"
base_url = "https://sandbox.juspay.in"
api_key = { env = "KEY" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "juspay.key").write_text(SECRET)
    path = tmp_path / "paystate.toml"
    path.write_text(TEXT, "utf-8")
    return path


def wrong_with(path: Path) -> list[tuple[str, str, str]]:
    """Place (behind the file's name), message and fix of each problem."""
    with pytest.raises(SettingsInvalid) as caught:
        read(path, {})
    return [(one.setting.removeprefix(f"{path}: "), one.message, one.fix) for one in caught.value.problems]


def value_of(content: bytes, file: Path) -> str:
    (file.parent / "juspay.key").write_bytes(content)
    return read(file, {}).secret(Secret(file="juspay.key"))


def about_the_key(content: bytes, file: Path) -> list[tuple[str, str]]:
    (file.parent / "juspay.key").write_bytes(content)
    found = check(read(file, {}), {"KEY": SECRET})
    return [(one.message, one.fix) for one in found if one.setting == "merchants.teashop.api_key"]


def test_settings_behind_a_byte_order_mark_are_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert {"teashop", "bookshop"} == set(read(file, {}).merchants)


@pytest.mark.parametrize(
    ("good", "bad", "place"),
    [
        ('"teashop"\nbase', '"tea\u200bshop"\nbase', "merchants.teashop.client_id"),
        ('"juspay.key"', '"juspay.key\ufeff"', "merchants.teashop.api_key.file"),
        ("[merchants.bookshop]", '[merchants."bookshop\u200b"]', "merchants.bookshop "),
        ('public_url = "', 'database = "pay\u202estate"\npublic_url = "', "database"),
    ],
)
def test_a_hidden_character_in_the_settings_is_named(file: Path, good: str, bad: str, place: str) -> None:
    assert TEXT != TEXT.replace(good, bad)
    file.write_text(TEXT.replace(good, bad), "utf-8")
    (found,) = wrong_with(file)
    assert (place, True) == (found[0], found[1].startswith("holds the hidden character U+"))


def test_a_comment_may_say_what_it_likes(file: Path) -> None:
    file.write_text(f"# \u200b\n{TEXT}", "utf-8")
    assert isinstance(read(file, {}), Settings)


@pytest.mark.parametrize(
    ("good", "bad", "place", "message"),
    [
        ('client_id = "bookshop"', 'clientid = "b"', "merchants.bookshop.clientid", "is no setting"),
        ('client_id = "bookshop"\n', "", "merchants.bookshop.client_id", "is missing"),
        ('"bookshop"', "7", "merchants.bookshop.client_id", "must be str, got int"),
        ('{ env = "KEY" }', f'"{SECRET}"', "merchants.bookshop.api_key", "must be object, got str"),
        ('{ env = "KEY" }', f'{{ secret = "{SECRET}" }}', "merchants.bookshop.api_key.secret", "is no setting"),
        ('{ env = "KEY" }', f'{{ env = "KEY" }}\nmode = "{SECRET}"', "merchants.bookshop.mode",
         "is none of the values that it takes"),
        ('{ env = "KEY" }', '{ env = "KEY" }\nbackend_keys = [{ id = "a", digest = "b", scopes = ["all"] }]',
         "merchants.bookshop.backend_keys[0].scopes[0]", "is none of the values that it takes"),
        ('{ env = "KEY" }',
         '{ env = "KEY" }\nbackend_keys = [{ id = "a", digest = "b", scopes = [], expires = 2031-01-01T00:00:00 }]',
         "merchants.bookshop.backend_keys[0].expires", "must be datetime with a timezone component"),
        ("public_url", "publik_url", "publik_url", "is no setting"),
        (TEXT, 'public_url = "https://pay.test"\nmerchants = 7', "merchants", "must be object, got int"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_merchant_and_without_its_value(
    file: Path, good: str, bad: str, place: str, message: str
) -> None:
    file.write_text(TEXT.replace(good, bad), "utf-8")
    found = wrong_with(file)
    assert (place, message) in [one[:2] for one in found]
    assert SECRET not in str(found)


def test_a_setting_that_is_nearly_one_is_told_which(file: Path) -> None:
    file.write_text(TEXT.replace("client_id", "clientid"), "utf-8")
    assert "did you mean client_id?" in str(wrong_with(file))


def test_all_merchants_faults_are_told_at_once(file: Path) -> None:
    file.write_text(TEXT.replace("client_id", "clientid"), "utf-8")
    assert {"merchants.teashop.clientid", "merchants.bookshop.clientid"} == {place for place, *_ in wrong_with(file)}


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX")
def test_nobody_waits_for_a_pipe(file: Path) -> None:
    os.mkfifo(file.parent / "pipe")
    assert "is not a regular file" in str(wrong_with(file.parent / "pipe"))
    (file.parent / "juspay.key").unlink()
    (file.parent / "pipe").rename(file.parent / "juspay.key")
    found = check(read(file, {}), {"KEY": SECRET})
    assert "names a file that is not a regular file" in [one.message for one in found]


@pytest.mark.parametrize("content", [b"%s", b"%s\n", b"%s\r\n", b"\xef\xbb\xbf%s\n", b"  %s  \n\n"])
def test_a_secret_s_blanks_around_and_byte_order_mark_are_not_a_part_of_it(content: bytes, file: Path) -> None:
    assert SECRET == value_of(content % SECRET.encode(), file)


def test_a_line_break_behind_a_secret_in_the_environment_is_not_a_part_of_it(file: Path) -> None:
    assert SECRET == read(file, {}).secret(Secret(env="KEY"), {"KEY": f"{SECRET}\n"})


@pytest.mark.parametrize(
    ("content", "message", "fix"),
    [
        (f"{SECRET}\u200b", "holds the hidden character U+200B", "delete it"),
        (f"\u200e{SECRET}", "holds the hidden character U+200E", "delete it"),
        ("", "is empty", "put the secret there"),
        (f"{SECRET}\nmore", "is not one line of characters that can be sent", "only the secret"),
        (f"{SECRET}\u20b9", "has characters that cannot be sent", "plain ASCII"),
    ],
    ids=ascii,
)
def test_what_is_wrong_with_a_secret_is_told_without_it(content: str, message: str, fix: str, file: Path) -> None:
    ((told, fixed),) = about_the_key(content.encode(), file)
    assert (message, True) == (told, fix in fixed)
    assert SECRET not in told + fixed


def test_a_secret_in_another_encoding_is_named(file: Path) -> None:
    ((told, fix),) = about_the_key(SECRET.encode("utf-16"), file)
    assert ("names a file that is not UTF-8 text", True) == (told, "save it as UTF-8" in fix)


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings; `""`, its beginning, is one."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {"", *(re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles)}


def test_links_to_guides_begin_where_the_package_says_that_its_documentation_is() -> None:
    urls = dict(url.split(", ", 1) for url in metadata("paystate").get_all("Project-URL") or [])
    folder = urls["Documentation"].removesuffix("index.md")
    root = Path(__file__).parents[2] / "docs"
    guides = [link for name, link in vars(help_links).items() if name.startswith("HOW_TO_")]
    assert HOW_TO_SET_UP in guides
    for link in guides:
        assert link.startswith(folder)
        page, _, heading = link.removeprefix(folder).partition("#")
        assert heading in headings(root / page)
    for rule in RULES.values():
        page, _, anchor = published_rule_link(rule).removeprefix(folder).partition("#")
        assert f'<a id="{anchor}"></a>' in (root / page).read_text("utf-8")
