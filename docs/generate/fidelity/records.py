"""What a row of the fidelity page looks like, and how sure it can be.

The rows themselves are data: `docs/reference/fidelity/*.toml`. A member that a record does not have, one that is
missing or a word that is no mark is refused when the rows are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from paystate.entrypoints.sandbox.marks import Mark

MARKS: Final[Mapping[Mark, str]] = {
    "documented": "Juspay's own documentation says so",
    "recorded": "read off a sample that Juspay publishes, the source of its clients, or the wire",
    "secondary": "somebody else's reading of Juspay, which we could not check",
    "inferred": "our reading between documented lines",
    "ours": "our own, with no claim about Juspay",
}

Text = Annotated[str, Meta(min_length=1)]
TestName = Annotated[str, Meta(pattern=r"^[\w/]+\.py::test_\w+$")]


class Behaviour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that the sandbox, the client or the service does as Juspay does, or because Juspay is silent.

    Attributes:
        section: Of the gateway contract.
        at: Who does it; the client's methods by name.
        sources: Keys of `sources.LINKS` and `sources.PACKAGES`; at least one unless it is inferred or ours.
        switch: A field of `SandboxConfig` that changes it.
        shown_by: The test that shows it, from the tests' folder.
        decides: The pages are silent or disagree, and this is what we decided.
    """

    section: Text
    message: Text
    mark: Mark
    sources: tuple[str, ...] = ()
    at: Text = "sandbox"
    switch: str = ""
    shown_by: TestName
    decides: bool = False


class Basis(Struct, frozen=True, forbid_unknown_fields=True):
    """What a fault, an event or a switch rests on."""

    section: Text
    mark: Mark
    sources: tuple[str, ...] = ()


class Gap(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the contract knows and the sandbox does not play."""

    section: Text
    message: Text
    sources: tuple[str, ...] = ()


class RouteBasis(Struct, frozen=True, forbid_unknown_fields=True):
    """What a route rests on, and the methods of `JuspayClient` that call it."""

    sources: tuple[str, ...]
    client: tuple[str, ...] = ()


class ValueBasis(Struct, frozen=True, forbid_unknown_fields=True):
    """What a magic value rests on."""

    sources: tuple[str, ...]
