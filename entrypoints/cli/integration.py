"""The start of an integration: the example shop of a framework and what it runs with, written into a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from paystate import entrypoints
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem

RUNS: Final = {
    "django": ("python shop.py runserver 8000 --noreload", "paystate worker"),
    "fastapi": ("uvicorn shop:app --port 8000",),
    "fastapi-postgresql": ("uvicorn shop:app --port 8000",),
    "flask": ("flask --app shop run --port 8000", "paystate worker"),
    "litestar": ("uvicorn shop:app --port 8000",),
}
"""How each example is run; those that wait in threads leave the work to a worker beside them."""
SECRETS: Final = {
    "JUSPAY_API_KEY": "DEMO0000NOT0A0REAL0KEY0000000000",
    "JUSPAY_RESPONSE_KEY": "DEMO-RESPONSE-KEY-NOT-REAL",
    "JUSPAY_WEBHOOK_PASSWORD": "not-a-real-password",
}
"""The sandbox's own, as `sandbox.toml` has them."""
BEFORE: Final[Mapping[str, Sequence[str]]] = {
    "fastapi-postgresql": ("createdb teashop", "export PAYSTATE_DATABASE=postgresql:///teashop")
}
"""What an example needs beside that: a database on this machine, which shop and Paystate share."""
_EXAMPLES: Final = Path(entrypoints.__file__).parents[1] / "examples"


def write_integration(framework: str, folder: Path) -> tuple[Path, ...]:
    """Write the files and return them; nothing is written if one of them is there already.

    Raises:
        ConfigError: It is, or the folder cannot be written to.
    """
    sources = [*_files("start"), *_files(framework)]
    there = [source.name for source in sources if (folder / source.name).exists()]
    if there:
        fix = "go to an empty folder, or move them away: nothing is ever written over"
        raise ConfigError(*(ConfigProblem(name, "is there already", fix) for name in sorted(there)))
    try:
        return tuple(_copied(source, folder / source.name) for source in sources)
    except OSError as failed:
        raise ConfigError(
            ConfigProblem(str(folder), f"cannot be written to: {failed.strerror}", "choose another")
        ) from None


def print_next_steps(framework: str, out: Console) -> None:
    """What to type next, to see it take a payment."""
    for name, value in SECRETS.items():
        out.print(f"    export {name}={value}", soft_wrap=True)
    for line in (
        *BEFORE.get(framework, ()),
        "paystate keys new",
        "paystate migrate",
        "paystate sandbox --merchants sandbox.toml &",
        *(f"{line} &" for line in RUNS[framework]),
        "python shopper.py",
    ):
        out.print(f"    {line}", soft_wrap=True)


def _files(name: str) -> Iterator[Path]:
    return (file for file in sorted((_EXAMPLES / name).iterdir()) if file.suffix in (".py", ".toml"))


def _copied(source: Path, target: Path) -> Path:
    with target.open("x", encoding="utf-8") as file:
        file.write(source.read_text("utf-8"))
    return target
