"""The API keys in the settings: how one is written, and how one is revoked.

To revoke a key, its entry in the settings file is replaced by one that says when it was revoked. Nothing else of the
file changes, and that is proved before it is written: the new text is read, and has to mean what is expected.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from paystate.core.timestamps import stamp
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import BackendKey, Settings


def written(key: BackendKey) -> str:
    """The key as it stands in `backend_keys`."""
    scopes = ", ".join(f'"{scope}"' for scope in key.scopes)
    instants = "".join(
        f", {name} = {stamp(at)}" for name, at in (("expires", key.expires), ("revoked", key.revoked)) if at
    )
    note = f', note = "{key.note}"' if key.note else ""
    return f'{{ id = "{key.id}", digest = "{key.digest}", scopes = [{scopes}]{instants}{note} }}'


def revoke(path: Path, settings: Settings, key_id: str, now: datetime) -> BackendKey:
    """Mark the key in the settings file as revoked; returns it as it stands there now.

    Raises:
        ConfigError: No such key, or one that is revoked already; or its entry cannot be changed without touching more,
            and then the message says what to write.
    """
    key = _known(settings, key_id)
    if key.revoked:
        raise ConfigError(ConfigProblem("key", f"{key_id} is revoked already", "`paystate keys list` shows all keys"))
    revoked = msgspec.structs.replace(key, revoked=now)
    text = path.read_bytes().decode("utf-8-sig")  # as it is: line ends of Windows stay
    expected = _with(tomllib.loads(text), key_id, tomllib.loads(f"key = {written(revoked)}")["key"])
    for changed in _changed(text, key, written(revoked)):
        if _means(changed, expected):
            try:
                _replace(path.resolve(), changed)
            except OSError as failed:
                raise _by_hand(path, f"cannot be written ({type(failed).__name__})", revoked) from failed
            return revoked
    raise _by_hand(path, f"cannot be changed for {key_id} alone", revoked)


def _by_hand(path: Path, message: str, revoked: BackendKey) -> ConfigError:
    return ConfigError(ConfigProblem(str(path), message, f"write this in place of the key's entry: {written(revoked)}"))


def _known(settings: Settings, key_id: str) -> BackendKey:
    found = (key for one in settings.merchants.values() for key in one.api_keys if key.id == key_id)
    key = next(found, None)
    if key is None:
        fix = "`paystate keys list` shows all keys; a key's id are the eight symbols after pst_test_ or pst_live_"
        raise ConfigError(ConfigProblem("key", f"there is no {key_id}", fix))
    return key


def _changed(text: str, key: BackendKey, entry: str) -> Iterator[str]:
    """The text with the key's entry replaced, for each place where it may stand."""
    short = rf"""(["']){key.id}:{key.digest}\1"""
    full = rf"""\{{[^{{}}]*["']{key.id}["'][^{{}}]*\}}"""
    for found in re.finditer(f"{short}|{full}", text):
        yield text[: found.start()] + entry + text[found.end() :]


def _with(table: dict[str, Any], key_id: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The settings with the key's entry replaced."""
    for merchant in table["merchants"].values():
        keys = merchant.get("backend_keys", [])
        merchant["backend_keys"] = [entry if _id(one) == key_id else one for one in keys]
    return table


def _id(entry: str | dict[str, Any]) -> str:
    return entry.partition(":")[0] if isinstance(entry, str) else str(entry.get("id", ""))


def _means(text: str, expected: dict[str, Any]) -> bool:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return _with(found, "", {}) == expected


def _replace(path: Path, text: str) -> None:
    """Write the file as a whole or not at all, for those who may read it now; raises OSError."""
    before = path.stat()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        if os.name == "posix" and os.geteuid() == 0:
            os.chown(name, before.st_uid, before.st_gid)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
