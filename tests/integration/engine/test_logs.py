"""Where our lines go inside another program."""

from __future__ import annotations

import logging

import pytest
from structlog.testing import capture_logs

from paystate.entrypoints.setup.logs import Logger


def test_without_structlog_lines_go_to_the_programs_logging(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        Logger("paystate.worker").warning("no answer", order_id="A1")
    assert [("paystate.worker", logging.WARNING, "no answer order_id='A1'")] == caplog.record_tuples
    assert "" == capsys.readouterr().out


def test_where_a_program_has_set_structlog_up_they_go_there() -> None:
    with capture_logs() as lines:
        for name in ("debug", "info", "warning", "error"):
            getattr(Logger("paystate.worker"), name)("no answer", order_id="A1")
    assert ["debug", "info", "warning", "error"] == [line["log_level"] for line in lines]
    assert {("no answer", "A1")} == {(line["event"], line["order_id"]) for line in lines}
