"""The consumers of the how-to page, run as they stand there against a real database and a service over HTTP."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.db import connections, models
from integration.consumer.merchant import DROP, SHIPMENTS, by_django, in_postgres, in_sqlite
from integration.consumer.shelf import KEY, Shelf, event

from paystate.entrypoints import consumer
from paystate.entrypoints.consumer import TABLES, BlockingConsumer, Consumer

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/be-told.md"
PROMISES = PAGE.parents[1] / "reference/stability.md"
SECTION = PAGE.read_text("utf-8").partition("### Exactly once")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)


def block(using: str) -> str:
    (found,) = [one for one in BLOCKS if using in one]
    return str(found)


@contextmanager
def served(shelf: Shelf) -> Generator[str]:
    """A shelf over HTTP on this machine; returns its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            request = httpx.Request("GET", f"http://127.0.0.1{self.path}", headers=list(self.headers.items()))
            answer = shelf.transport.handle_request(request)
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer of the page runs for ever; here it ends after a turn."""
    monkeypatch.setattr(Consumer, "run", Consumer.step)
    monkeypatch.setattr(BlockingConsumer, "run", BlockingConsumer.step)


def run(code: str, database: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    shelf = Shelf([event(1), event(2, "refund.failed"), event(3)])
    with served(shelf) as url:
        for name, value in {"PAYSTATE_URL": url, "PAYSTATE_KEY": KEY, "DATABASE": database}.items():
            monkeypatch.setenv(name, value)
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(code, str(PAGE), "exec", dont_inherit=True), names)  # noqa: S102
        if "Command" in names:
            names["Command"]().handle()
    return names


@pytest.mark.parametrize("using", ["import asyncpg", "import psycopg"])
def test_on_postgresql(using: str, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for statement in (DROP, *TABLES, SHIPMENTS):
        in_postgres(dsn, statement)
    run(block(using), dsn, monkeypatch)
    assert ["A1", "A3"] == in_postgres(dsn, "select order_id from shipments")


def test_with_sqlalchemy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.sqlite3"
    for statement in (*TABLES, SHIPMENTS):
        in_sqlite(path, statement)
    names = run(block("from sqlalchemy"), f"sqlite:///{path}", monkeypatch)
    names["database"].source.kw["bind"].dispose()
    assert ["A1", "A3"] == in_sqlite(path, "select order_id from shipments")


def test_with_django(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.sqlite3"
    for statement in (*TABLES, SHIPMENTS):
        in_sqlite(path, statement)
    with by_django({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}, alias="default"):
        shop = ModuleType("shop.models")
        meta = type("Meta", (), {"app_label": "shop", "db_table": "shipments"})
        order_id = models.CharField(max_length=64, primary_key=True)
        vars(shop)["Shipment"] = type(
            "Shipment", (models.Model,), {"__module__": "shop.models", "Meta": meta, "order_id": order_id}
        )
        monkeypatch.setitem(sys.modules, "shop", ModuleType("shop"))
        monkeypatch.setitem(sys.modules, "shop.models", shop)
        run(block("from django"), "", monkeypatch)
        connections["default"].close()
    assert ["A1", "A3"] == in_sqlite(path, "select order_id from shipments")


def test_there_are_four() -> None:
    assert 4 == len(BLOCKS)


def test_every_promised_name_stands_on_the_page_and_no_other() -> None:
    table = PROMISES.read_text("utf-8").partition("## The consumer's names")[2].partition("\n## ")[0]
    told = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    assert sorted(consumer.__all__) == sorted(told)
