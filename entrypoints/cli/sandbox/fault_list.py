"""The sandbox's faults on the terminal: what can go wrong on purpose, by the place where it does."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, SEAMS


def print_faults(console: Console) -> None:
    """Print every fault with its sentence, how sure we are that Juspay's world has it, and what may be set."""
    for seam, title in SEAMS.items():
        console.print(f"[bold]{title}[/bold]")
        for one in (kind for kind in FAULTS if kind.seam == seam):
            params = ", ".join(f"{name}={value!r}" for name, value in one.params.items())
            console.print(f"  [cyan]{one.name:<24}[/cyan] {one.mark:<11} {escape(params)}".rstrip(), soft_wrap=True)
            console.print(f"      {escape(one.message)}", soft_wrap=True)
        console.print()
    console.print(
        "Arm one: POST /_control/faults "
        + escape('{"name": ..., "order_id": ..., "route": ..., "calls": 1, "params": {}}'),
        soft_wrap=True,
    )
    console.print("`route` is a call's name, or an event's for webhooks; `calls` is how many times.", soft_wrap=True)
