"""Official clients of Juspay, installed as they are published, each into a folder of its own.

A missing tool, or a registry that is out of reach, skips the tests and says why. On CI (`CI=true`) a package that
cannot be installed although its tool is there fails them: nothing that was not checked counts as passed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALL_S_MAX = 600


def npm_package(package: str, folder: Path) -> Path:
    """Return a Node project in `folder` that has `package`, named with its version, installed."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node or npm is missing on this machine")
    # The client reads its own name and version from the current folder's package.json.
    (folder / "package.json").write_text('{"name": "bakery", "version": "1.0.0", "private": true}')
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    _install(package, ["npm", "install", *options, package], folder)
    return folder


def python_package(package: str, folder: Path) -> Path:
    """Return a folder for PYTHONPATH that holds `package`, named with its version, and what it needs."""
    target = folder / "lib"
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--retries=1", "--target", str(target)]
    _install(package, [sys.executable, "-m", "pip", "install", *options, package], folder)
    return target


def _install(package: str, command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S_MAX)
        problem = done.stderr[-300:] if done.returncode else ""
    except subprocess.TimeoutExpired:
        problem = f"no end after {INSTALL_S_MAX} s"
    if not problem:
        return
    message = f"{Path(command[0]).name} cannot install {package}: {problem}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
