"""The scripts that sandbox and shop serve to browsers, checked by TypeScript's compiler from their JSDoc alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conformance.installing import npm_package

ENTRYPOINTS = Path(__file__).resolve().parents[2] / "entrypoints"
SCRIPTS = (
    ENTRYPOINTS / "sandbox" / "sdk" / "HyperServices.js",
    ENTRYPOINTS / "sandbox" / "page" / "assets" / "page.js",
    ENTRYPOINTS / "storefront" / "assets" / "shop.js",
)
STRICTLY = (
    *"--noEmit --skipLibCheck --allowJs --checkJs --strict --noUnusedLocals".split(),
    *"--target es2022 --lib es2022,dom,dom.iterable".split(),
)


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = npm_package("typescript@7.0.2", tmp_path_factory.mktemp("typescript"))
    return folder / "node_modules" / ".bin" / "tsc"


def complaints(compiler: Path, *scripts: Path) -> str:
    return subprocess.run([compiler, *STRICTLY, *scripts], capture_output=True, text=True, check=False).stdout


def test_each_script_fits_its_types(compiler: Path) -> None:
    assert "" == complaints(compiler, *SCRIPTS)


def test_a_call_that_does_not_fit_would_be_seen(compiler: Path, tmp_path: Path) -> None:
    spoiled = tmp_path / "HyperServices.js"
    text = SCRIPTS[0].read_text("utf-8")
    spoiled.write_text(text.replace('ask("preFetch", "", request)', 'ask("preFetch", 7, request)'), "utf-8")
    assert "not assignable to parameter of type 'string'" in complaints(compiler, spoiled)
