"""Scrapes a process as Prometheus does, and reads what it says with Prometheus's own parser."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from attrs import frozen
from e2e.shop import Shop
from prometheus_client.parser import text_string_to_metric_families

from paystate.entrypoints.demo.stack import free_ports


@frozen
class Scrape:
    """What was told at one instant.

    Attributes:
        text: As it came.
        values: By name, and by labels.
        labels: Of each metric, by its name in the catalogue.
    """

    text: str
    values: Mapping[str, Mapping[frozenset[tuple[str, str]], float]]
    labels: Mapping[str, set[str]]

    def value(self, name: str, **labels: str) -> float:
        """The sum of all that have these labels; 0 where there is none."""
        wanted = frozenset(labels.items())
        return sum(value for given, value in self.values.get(name, {}).items() if wanted <= given)


@frozen
class Ports:
    """Where metrics are scraped."""

    service: int
    worker: int


def with_metrics(at: Shop) -> Ports:
    """Let the settings of a shop have its processes scraped."""
    service, worker = free_ports(2)
    metrics = f'\n[metrics]\nhost = "127.0.0.1"\nport = {service}\nworker_port = {worker}\n'
    at.settings.write_text(at.settings.read_text() + metrics)
    return Ports(service, worker)


async def scraped(http: httpx.AsyncClient, port: int) -> Scrape:
    """What is told at a port of this machine."""
    answer = await http.get(f"http://127.0.0.1:{port}/metrics")
    assert 200 == answer.status_code, answer.text
    return read(answer.text)


def read(text: str) -> Scrape:
    """What a scrape says."""
    values: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
            if not sample.name.endswith("_created"):
                name = sample.name if family.type == "counter" else family.name
                labels.setdefault(name, set()).update(sample.labels.keys() - {"le"})
    return Scrape(text, values, labels)
