"""The rules and the dashboard: each asks for what is scraped, in PromQL, and each alert says what is to be done."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import promql_parser
import pytest
import yaml  # type: ignore[import-untyped]  # the description's tests bring it

from paystate.core.orders.derived import Status
from paystate.core.orders.reason import ReasonKind
from paystate.core.ports.backlog import OPEN_STATUSES
from paystate.core.signature_failures import RETURN, WEBHOOK
from paystate.entrypoints.service.api.watched_requests import OF_MERCHANTS
from paystate.entrypoints.setup.tables.watching import MetricsSettings
from paystate.entrypoints.telemetry.catalogue import COUNTED, STORED, Metric, MetricType
from paystate.entrypoints.telemetry.events import NONE, CallOutcome

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "docs" / "deploy"
PROMETHEUS_S_OWN = {"up": {"job", "instance"}, "process_resident_memory_bytes": {"job", "instance"}}
ADDED = {"instance", "job"}
"""Labels that Prometheus adds to whatever it scrapes."""
VALUES = {
    "status": {str(one) for one in OPEN_STATUSES},
    "reason": {str(one) for one in ReasonKind},
    "outcome": {str(one) for one in CallOutcome},
    "call": {"order_status"},
    "source": {WEBHOOK, RETURN},
    "route": set(OF_MERCHANTS),
    "merchant": {NONE},
    "state": {"used", "idle"},
}
"""What a rule may ask a label for, but for statuses of HTTP."""


def names_of(metric: Metric) -> Iterator[tuple[str, set[str]]]:
    """What a metric is called in a scrape, with its labels."""
    labels = {*metric.labels, *ADDED}
    if metric.type is MetricType.HISTOGRAM:
        yield from ((f"{metric.name}_{part}", labels) for part in ("sum", "count"))
        yield f"{metric.name}_bucket", {*labels, "le"}
    else:
        yield metric.name, labels


SCRAPED = dict(pair for metric in (*STORED, *COUNTED) for pair in names_of(metric)) | PROMETHEUS_S_OWN


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEPLOY / "grafana" / "paystate.json").read_text("utf-8"))["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def questions() -> dict[str, str]:
    """Everything that is asked in PromQL, by where it stands."""
    asked = {rule["alert"]: rule["expr"] for rule in rules()}
    return asked | {
        f"{panel['title']} {target['refId']}": target["expr"] for panel in panels() for target in panel["targets"]
    }


each_question = pytest.mark.parametrize("question", questions().values(), ids=questions())


def selectors(question: str) -> list[Any]:
    """The metrics that are asked for; raises ValueError for what is not PromQL."""
    found: list[Any] = []
    promql_parser.walk(
        promql_parser.parse(question),
        lambda one: found.append(one) if isinstance(one, promql_parser.VectorSelector) else None,
    )
    return found


def grouped_by(question: str) -> set[str]:
    labels = re.findall(r"\bby \(([a-z, ]*)\)", question)
    return {label for some in labels for label in some.split(", ")}


@each_question
def test_each_metric_and_label_that_is_asked_for_is_scraped(question: str) -> None:
    asked = selectors(question)
    assert asked
    for one in asked:
        assert one.name in SCRAPED, one.name
        assert {matcher.name for matcher in one.matchers.matchers} <= SCRAPED[one.name]
        assert grouped_by(question) <= SCRAPED[one.name]


@each_question
def test_each_value_that_a_label_is_asked_for_is_one_that_it_can_have(question: str) -> None:
    for one in selectors(question):
        for matcher in one.matchers.matchers:
            if "$" in matcher.value or one.name in PROMETHEUS_S_OWN or is_http_status(one.name, matcher.name):
                continue
            known = VALUES[matcher.name]
            assert set(matcher.value.split("|")) <= known, f"{one.name} {matcher.name}"


def is_http_status(metric: str, label: str) -> bool:
    return metric == "paystate_http_requests_total" and label == "status"


@pytest.mark.parametrize(
    "question", ["sum by (merchant (paystate_workers)", "rate(paystate_workers)", "paystate_workers[5m"]
)
def test_what_is_not_promql_is_noticed(question: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        selectors(question)


def test_panels_name_their_lines_by_labels_that_they_have() -> None:
    wrong = [
        panel["title"]
        for panel in panels()
        for target in panel["targets"]
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"])
        if label not in grouped_by(target["expr"]) and not target["expr"].startswith(("paystate_", "process_"))
    ]
    assert [] == wrong


# --- what is to be done


def sections() -> dict[str, str]:
    """Each alert of the page with the chapter in which it stands."""
    found, chapter = {}, ""
    for line in (DEPLOY / "alerts.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            chapter = line.removeprefix("## ")
        elif line.startswith("### Paystate"):
            found[line.removeprefix("### ")] = chapter
    return found


def test_each_alert_has_its_section_in_the_chapter_of_its_severity_and_each_section_its_alert() -> None:
    chapters = {"page": "Wake somebody", "ticket": "In the morning"}
    assert {rule["alert"]: chapters[rule["labels"]["severity"]] for rule in rules()} == sections()


def test_each_alert_leads_to_its_section() -> None:
    page = "https://github.com/paystate/paystate/blob/main/docs/deploy/alerts.md"
    assert [f"{page}#{rule['alert'].lower()}" for rule in rules()] == [
        rule["annotations"]["runbook_url"] for rule in rules()
    ]
    assert all(rule["annotations"]["summary"] for rule in rules())


def test_each_open_status_that_is_worth_an_alert_has_one() -> None:
    asked = next(rule["expr"] for rule in rules() if rule["alert"] == "PaystateOrderUnsettled")
    assert all(status in asked for status in (Status.PENDING, Status.UNKNOWN))


def test_what_the_page_sets_up_is_what_is_scraped_under_the_name_that_the_rules_ask_for() -> None:
    (job,) = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (block,) = re.findall(r"```toml\n(\[metrics\]\n.*?)```", (DEPLOY / "alerts.md").read_text("utf-8"), re.DOTALL)
    metrics = msgspec.convert(tomllib.loads(block)["metrics"], MetricsSettings)
    (scraped,) = job["static_configs"]
    assert [f"{metrics.host}:{metrics.port}"] == scraped["targets"]
    assert any(f'job="{job["job_name"]}"' in question for question in questions().values())


needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here")


@needs_promtool
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    assert_done("check", "config", DEPLOY / "prometheus" / "prometheus.yml")


@needs_promtool
def test_each_alert_fires_when_it_has_to_and_for_nobody_else(tmp_path: Path) -> None:
    plain = [{name: value for name, value in rule.items() if name != "annotations"} for rule in rules()]
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump({"groups": [{"name": "paystate", "rules": plain}]}), "utf-8")
    cases = Path(shutil.copy(Path(__file__).with_name("alerts_test.yml"), tmp_path))
    assert {rule["alert"] for rule in rules()} == {one["name"] for one in yaml.safe_load(cases.read_text())["tests"]}
    assert_done("test", "rules", cases)


def assert_done(*words: str | Path) -> None:
    told = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)
    assert 0 == told.returncode, told.stdout + told.stderr
