"""How true this sandbox and the client are to Juspay: what a row of that account looks like, and how sure it can be.

Owns the shape of a row and the marks. The rows stand in `behaviours.py`; routes, switches, faults, events and magic
values are accounted for where they are defined, and in `basis.py` where they rest on a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Mark = Literal["documented", "recorded", "secondary", "inferred", "ours"]

MARKS: Final[Mapping[Mark, str]] = {
    "documented": "Juspay's own documentation says so",
    "recorded": "read off a sample that Juspay publishes, the source of its clients, or the wire",
    "secondary": "somebody else's reading of Juspay, which we could not check",
    "inferred": "our reading between documented lines",
    "ours": "our own, with no claim about Juspay",
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that the sandbox, the client or the service does as Juspay does, or because Juspay is silent.

    Attributes:
        section: Of the gateway contract.
        at: Who does it; the client's methods by name.
        sources: Keys of `sources.LINKS` and `sources.PACKAGES`; at least one unless it is inferred or ours.
        switch: A field of `SandboxConfig` that changes it.
        shown_by: The test that shows it, from the tests' folder.
        decides: The pages are silent or disagree, and this is what we decided.
    """

    section: str
    says: str
    mark: Mark
    sources: tuple[str, ...] = ()
    at: str = "sandbox"
    switch: str = ""
    shown_by: str = ""
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Basis:
    """What a route, fault, event, switch or value rests on."""

    section: str
    mark: Mark
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the contract knows and the sandbox does not play."""

    section: str
    says: str
    sources: tuple[str, ...] = ()
