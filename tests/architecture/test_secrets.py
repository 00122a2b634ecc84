"""No record shows what it must not: secrets, tokens, payloads and people's data stay out of every repr. And no secret
is compared in a way that takes longer the more of it is right.

Owns the list of names that count as such; a new record that uses one of them is held to it without being named here.
"""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import attrs
import pytest
from attrs import field, frozen

import paystate.adapters
import paystate.core
import paystate.entrypoints

HIDDEN = frozenset(
    "api_key token token_digest digest password headers sdk_payload payload private_key webhook_login webhook_logins"
    " webhook_headers juspay_key response_key webhook_password backend_key email phone first_name last_name".split()
)
SHOWN = {("InboxRow", "digest")}  # of a webhook's body: it names the row, and tells nothing


def records(package: ModuleType) -> Iterator[type]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith((".migrations.env", ".0001_first_tables")):
            continue  # Alembic's own, run by it alone
        module = importlib.import_module(found.name)
        yield from (one for one in vars(module).values() if isinstance(one, type) and one.__module__ == found.name)


def showing(record: type) -> Iterator[str]:
    if not attrs.has(record) or record.__repr__ is object.__repr__:
        return
    for member in attrs.fields(record):
        is_secret = member.name in HIDDEN or (member.name == "body" and member.type in (bytes, "bytes"))
        if is_secret and member.repr and (record.__name__, member.name) not in SHOWN:
            yield f"{record.__name__}.{member.name}"


@pytest.mark.parametrize("package", [paystate.core, paystate.adapters, paystate.entrypoints], ids=lambda p: p.__name__)
def test_no_record_shows_a_secret(package: ModuleType) -> None:
    found = list(records(package))
    assert found
    assert [] == [name for record in found for name in showing(record)]


def test_a_record_that_shows_one_is_noticed() -> None:
    @frozen
    class Careless:
        token: str
        email: str = field(repr=False)

    assert ["Careless.token"] == list(showing(Careless))


ROOT = Path(__file__).resolve().parents[2]
COMPARED = frozenset("digest mac tag signature token password secret login key_hash".split())
NO_SECRET = {
    "row.digest == new.digest",  # of webhooks' bodies: whether a body is kept already
    "user.password_hash != password_hash",  # both are our own: whether it was changed since it was read
}


def compared(source: str) -> Iterator[str]:
    """Comparisons of two values of which one is named like a secret."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = (node.left, *node.comparators)
        names = [side.id if isinstance(side, ast.Name) else getattr(side, "attr", "") for side in sides]
        is_secret = any(word in COMPARED for name in names for word in name.split("_"))  # constants are in upper case
        if is_secret and not any(isinstance(side, ast.Constant) for side in sides):
            yield ast.unparse(node)


def test_secrets_are_compared_in_constant_time_alone() -> None:
    sources = [path for folder in ("core", "adapters", "entrypoints") for path in (ROOT / folder).rglob("*.py")]
    ours = [path for path in sources if not {"sandbox", "demo"} & set(path.parts)]
    assert NO_SECRET == {found for path in ours for found in compared(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("source", ["tag != made", "self.token == given", "a = x.password_digest == y"])
def test_a_careless_comparison_is_noticed(source: str) -> None:
    assert 1 == len(list(compared(source)))
