"""The layout and the dependency rule, read from the sources themselves.

Owns what a linter's list of forbidden things cannot say: that the core imports *only* these modules, where
files may stand, and what the built packages and the lock files hold. The layers are import-linter's job
(`make check`).
"""

import ast
import pkgutil
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "adapters", "entrypoints")
WRITERS = "docs/generate"  # typed and documented like the packages, and in no wheel
LOCKS = ("requirements.lock", "requirements-dev.lock", ".dev/uv.txt")

# The standard library's pure parts: no clock, randomness, environment, files, sockets, logging or asyncio.
PURE = frozenset(
    "__future__ abc base64 bisect collections contextlib dataclasses datetime decimal enum functools hashlib "
    "hmac ipaddress itertools json math operator re string types typing unicodedata urllib.parse".split()
)
CORE_MAY_IMPORT = PURE | {"attrs", "transitions", "paystate.core"}
# What reaches the world, or imports, without an import statement.
IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"})


def tracked() -> list[PurePosixPath]:
    """Return every file git tracks or would track, so that a fault is seen before it is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = {PurePosixPath(name) for name in listed.stdout.split("\0") if name}
    return sorted(name for name in names if (ROOT / name).exists())


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def naming(word: str, *folders: str) -> list[Path]:
    """The modules that have a word somewhere: no other can import what is called so, and to read all takes long."""
    return [path for path in modules(*folders) if word in path.read_text(encoding="utf-8")]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def package_of(path: Path) -> list[str]:
    """Return the package a module stands in: core/use_cases/look.py -> paystate, core, use_cases."""
    return ["paystate", *path.relative_to(ROOT).parent.parts]


def imports(tree: ast.AST, package: list[str]) -> Iterator[str]:
    """Yield the dotted name of all that is imported at any depth; `from a import b` yields `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else []
            base = [*parents, *([node.module] if node.module else [])]
            yield from (".".join([*base, alias.name]) for alias in node.names)


def is_within(name: str, allowed: Iterable[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed)


def impurities(tree: ast.AST) -> Iterator[str]:
    """Yield what reaches the world although every import is allowed."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in IMPURE_BUILTINS:
                yield f"{name}, line {node.lineno}"
            case ast.Attribute(
                attr="now" | "utcnow" | "today" as read,
                value=ast.Name(id="datetime" | "date") | ast.Attribute(attr="datetime" | "date"),
            ):
                yield f"datetime's {read}, line {node.lineno}"
            case _:
                pass


def floats(tree: ast.AST) -> Iterator[str]:
    """Yield each place where a float could come to be; `isinstance(x, float)`, which refuses one, is none."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float(value)):
                yield f"{value}, line {node.lineno}"
            case ast.Call(func=ast.Name(id="float")):
                yield f"float(), line {node.lineno}"
            case _:
                pass


def bindings(tree: ast.AST, package: list[str]) -> dict[str, str]:
    """Return what each imported name stands for, at any depth: `from a import b as c` gives c: a.b."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                found |= {alias.asname: alias.name} if alias.asname else {root: root}
        elif isinstance(node, ast.ImportFrom):
            names = imports(ast.Module([node], []), package)
            found |= {alias.asname or alias.name: name for alias, name in zip(node.names, names, strict=True)}
    return found


def constructed(tree: ast.AST, package: list[str]) -> Iterator[str]:
    """Yield each call of a class of the adapters, or of something that a class of theirs has, like a constructor."""
    known = bindings(tree, package)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        first, *rest = ast.unparse(node.func).split(".")
        called = ".".join([known.get(first, ""), *rest])
        if is_within(called, ["paystate.adapters"]) and names_a_class(called):
            yield f"{called}, line {node.lineno}"


def names_a_class(dotted: str) -> bool:
    """Whether a dotted name leads to a class of the adapters or through one."""
    parts = dotted.split(".")
    for end in range(len(parts), 2, -1):
        try:
            found = pkgutil.resolve_name(".".join(parts[:end]))
        except (AttributeError, ImportError):
            continue
        if isinstance(found, type) and found.__module__.startswith("paystate.adapters."):
            return True
    return False


def as_report(faults: dict[Path, list[str]]) -> str:
    return "\n".join(f"{path.relative_to(ROOT)}: {', '.join(found)}" for path, found in faults.items() if found)


# --- the dependency rule


def test_core_imports_only_what_is_allowed() -> None:
    faults = {
        path: [n for n in imports(parsed(path), package_of(path)) if not is_within(n, CORE_MAY_IMPORT)]
        for path in modules("core")
    }
    assert "" == as_report(faults)


def test_core_reaches_the_world_through_no_builtin_and_no_clock() -> None:
    assert "" == as_report({path: list(impurities(parsed(path))) for path in modules("core")})


@pytest.mark.parametrize(
    "line",
    [
        "import asyncio",
        "import logging",
        "import os.path",
        "import random",
        "import socket",
        "import time as t",
        "import urllib.request",
        "import httpx",
        "import collectionsx",
        "from urllib import request",
        "from paystate import adapters",
        "from paystate.adapters.clock import SystemClock",
        "from ..adapters import clock",
        "def late():\n    import time",
    ],
)
def test_the_import_reader_refuses(line: str) -> None:
    found = list(imports(ast.parse(line), ["paystate", "core"]))
    assert found
    assert not any(is_within(name, CORE_MAY_IMPORT) for name in found)


@pytest.mark.parametrize(
    "line",
    [
        "import json",
        "from collections.abc import Mapping",
        "from urllib.parse import quote",
        "from urllib import parse",
        "from attrs import frozen",
        "from paystate.core.money import Money",
        "from .money import Money",
        "from . import money",
    ],
)
def test_the_import_reader_allows(line: str) -> None:
    found = list(imports(ast.parse(line), ["paystate", "core"]))
    assert found
    assert all(is_within(name, CORE_MAY_IMPORT) for name in found)


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "open(p)"])
def test_the_impurity_reader_sees(line: str) -> None:
    assert list(impurities(ast.parse(line)))


def test_adapters_are_strangers_to_each_other() -> None:
    faults: dict[Path, list[str]] = {}
    for path in modules("adapters"):
        own = ".".join(["paystate", *path.relative_to(ROOT).with_suffix("").parts[:2]])
        found = [n for n in imports(parsed(path), package_of(path)) if is_within(n, ["paystate.adapters"])]
        faults[path] = [name for name in found if not is_within(name, [own])]
    assert "" == as_report(faults)


def test_only_bootstrap_constructs_adapters() -> None:
    faults = {
        path: list(constructed(parsed(path), package_of(path)))
        for path in naming("adapters", "entrypoints")
        if path != ROOT / "entrypoints/setup/bootstrap.py"
    }
    assert "" == as_report(faults)


@pytest.mark.parametrize(
    "lines",
    [
        "from paystate.adapters.clock import SystemClock\nSystemClock()",
        "from paystate.adapters.clock import SystemClock as Clock\ndef late():\n    return Clock().now()",
        "from paystate.adapters import clock\nclock.SystemClock()",
        "import paystate.adapters.clock as time\ntime.SystemClock()",
        "import paystate.adapters.clock\npaystate.adapters.clock.SystemClock()",
        "from ..adapters.clock import SystemClock\nSystemClock()",
        "def late():\n    from paystate.adapters.juspay import JuspayClient\n    JuspayClient.sync(config)",
    ],
)
def test_the_reader_of_constructions_sees(lines: str) -> None:
    assert [f"line {lines.count(chr(10)) + 1}"] == [
        found.rpartition(", ")[2] for found in constructed(ast.parse(lines), ["paystate", "entrypoints"])
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "from paystate.adapters.clock import SettableClock\ndef show(clock: SettableClock) -> None: clock.tick()",
        "from paystate.adapters.juspay.notices import EVENTS\nEVENTS.values()",
        "from paystate.adapters.juspay.webhooks import read_webhook\nread_webhook(b'')",
        "from paystate.entrypoints.setup import bootstrap\nbootstrap.demo_clock(start)",
        "from paystate.core.use_cases.context import Ports\nPorts()",
    ],
)
def test_the_reader_of_constructions_lets_values_types_and_functions_pass(lines: str) -> None:
    assert [] == list(constructed(ast.parse(lines), ["paystate", "entrypoints"]))


def test_the_sandbox_imports_nothing_of_core_or_adapters() -> None:
    ours = ["paystate.core", "paystate.adapters"]
    faults = {
        path: [n for n in imports(parsed(path), package_of(path)) if is_within(n, ours)]
        for path in modules("entrypoints/sandbox")
    }
    assert "" == as_report(faults)


def test_lines_of_the_log_are_written_in_one_way() -> None:
    """Structlog by itself prints on standard output, which is not ours inside another program."""
    found = [path for path in naming("structlog", *PACKAGES) if "structlog" in imports(parsed(path), package_of(path))]
    assert ["entrypoints/setup/logs.py"] == [str(path.relative_to(ROOT)) for path in found]


def test_a_migration_imports_nothing_of_ours() -> None:
    """A released step must not change when the records of the program do."""
    steps = modules("adapters/storage/migrations/versions")
    assert steps
    faults = {
        path: [n for n in imports(parsed(path), package_of(path)) if is_within(n, ["paystate"])] for path in steps
    }
    assert "" == as_report(faults)


def test_money_knows_no_float() -> None:
    money = ROOT / "core/money.py"
    assert "" == as_report({money: list(floats(parsed(money)))})


@pytest.mark.parametrize("line", ["amount * 1.5", "float(text)", "minor * 1e2"])
def test_the_float_reader_sees(line: str) -> None:
    assert list(floats(ast.parse(line)))


# --- the tree


def test_no_other_folder_stands_at_the_top() -> None:
    folders = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    assert {"core", "adapters", "entrypoints", "tests", "docs"} == {f for f in folders if not f.startswith(".")}
    assert {".dev", ".ci", ".github"} == {f for f in folders if f.startswith(".")}


def test_every_module_says_what_it_owns() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in modules(*PACKAGES, WRITERS) if not ast.get_docstring(parsed(path))
    ]
    assert [] == silent


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in modules(*PACKAGES, WRITERS)}
    assert [] == sorted(str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists())
    assert [] == [package for package in PACKAGES if not (ROOT / package / "py.typed").exists()]


def test_names_say_what_things_do() -> None:
    vague = {"util", "utils", "helper", "helpers", "manager", "managers"}
    named = [str(path) for path in tracked() if vague.intersection(re.split(r"[/._-]", str(path).lower()))]
    assert [] == named


def test_nothing_names_a_machine_or_a_registry() -> None:
    # Put together from parts, or this file would find itself.
    paths = "|".join(["work", "root"])
    hosts = "|".join([r"pypi\." + "org", "python" + "hosted", r"npmjs\." + r"(?:org|com)", r"deb\." + "debian"])
    needle = re.compile(rf"(?<![\w.~-])/(?:{paths})/|{hosts}".encode())
    assert needle.search(b"cd /" + b"work/main")
    assert needle.search(b"https://py" + b"pi.org/simple")
    files = [path for path in tracked() if not (ROOT / path).is_symlink()]
    assert [] == [str(path) for path in files if needle.search((ROOT / path).read_bytes())]


# --- what is built and what is installed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the wheel and the source distribution of the tree as it stands."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


def in_wheel(built: Path) -> dict[PurePosixPath, bytes]:
    """Return what the wheel holds beside its own metadata, by path."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not PurePosixPath(name).parts[0].endswith(".dist-info")]
        return {PurePosixPath(name): archive.read(name) for name in names}


def in_sdist(built: Path) -> set[PurePosixPath]:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        return {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in archive.getnames()}


def test_the_wheel_holds_paystate_and_nothing_beside_it(built: Path) -> None:
    ours = {"paystate" / path for path in tracked() if path.parts[0] in PACKAGES}
    examples = {"paystate" / path.relative_to("docs") for path in tracked() if path.is_relative_to("docs/examples")}
    assert ours | examples == in_wheel(built).keys()


# A path of a test, or the writers of pages: neither is there for who has installed the wheel.
OUTSIDE_THE_WHEEL = re.compile(rb"\btests/|\btest_\w+\.py\b|\bdocs/generate\b|(?:\bfrom|\bimport|-m) generate\b")


def test_the_wheel_names_no_test_and_no_writer_of_pages(built: Path) -> None:
    named = {str(path): OUTSIDE_THE_WHEEL.findall(content) for path, content in in_wheel(built).items()}
    assert {} == {path: found for path, found in named.items() if found}


@pytest.mark.parametrize(
    "line",
    [
        b'shown_by="integration/sandbox/sdk/test_sdk.py::test_it"',
        b"# see tests/unit/cases.py",
        b"from generate.markdown import grid",
        b"import generate",
        b"made by docs/generate/write.py",
        b"PYTHONPATH=docs python -m generate.write",
    ],
)
def test_the_reader_of_the_wheel_sees(line: bytes) -> None:
    assert OUTSIDE_THE_WHEEL.search(line)


def test_the_source_distribution_holds_packages_docs_and_tests(built: Path) -> None:
    ours = {path for path in tracked() if path.parts[0] in (*PACKAGES, "docs", "tests")}
    assert set() == ours - in_sdist(built)


def pins(lock: str) -> dict[str, str]:
    """Return each requirement of a lock file with its block: its own line and the indented ones below."""
    blocks = re.split(r"^(?=[^\s#])", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {block.split(maxsplit=1)[0]: block for block in blocks if block and not block.startswith("#")}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_everything_and_names_no_address(lock: str) -> None:
    assert pins(lock)
    assert [] == [pin for pin, block in pins(lock).items() if "==" not in pin or "--hash=sha256:" not in block]
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links", (ROOT / lock).read_text(encoding="utf-8"))


def test_the_development_lock_holds_all_of_the_runtime_lock() -> None:
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert set() == runtime.keys() - development.keys()


def test_both_locks_hold_the_declared_dependencies_and_the_build_backend() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *extras["engine"],
        *extras["service"],
    ]
    names = {match[0].lower() for line in wanted if (match := re.match(r"[\w-]+", line))} - {"paystate"}
    assert set() == names - {pin.split("==")[0] for pin in pins("requirements.lock")}


def test_there_is_no_third_lock_file() -> None:
    assert [] == [str(path) for path in tracked() if path.name == "uv.lock"]


# --- what is decided once

ONCE = {
    "which addresses are this machine's": r"def _?is_loopback|LOOPBACK: Final = ",
    "which addresses are safe": r"_DEFAULT_PORTS|_USUAL_PORTS|def _?(?:is|checked)_origin",
    "which signs are not seen": r"u200c",
    "which signs are printable": r"\.isprintable\(",
    "which signs break a line": r"x00-\\x1f",
    "what looks like a card's number": r"def _?passes_luhn",
    "how many keys of a kind are good together": r"KEYS_MAX: Final = 3\b",
}
"""Rules that stood in several places and drifted apart there."""


@pytest.mark.parametrize(("what", "pattern"), ONCE.items(), ids=ONCE)
def test_a_rule_of_texts_and_addresses_stands_in_one_place(what: str, pattern: str) -> None:
    """The sandbox is a witness of its own, and what a migration did once stays as it was."""
    sources = [path for path in modules(*PACKAGES) if not {"sandbox", "migrations"} & set(path.parts)]
    holders = [str(path.relative_to(ROOT)) for path in sources if re.search(pattern, path.read_text("utf-8"))]
    assert 1 == len(holders), f"{what}: {holders}"
