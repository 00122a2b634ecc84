"""Reads the settings file, and a few environment variables beside it; what is wrong with its form is told by place.

What the settings may say stands in `settings`; what is wrong with what they say, `settings_checks` finds.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.text import one_line, unseen_in, without_controls
from paystate.entrypoints.setup.help_links import HOW_TO_SET_UP
from paystate.entrypoints.setup.problems import ConfigProblem, SettingsInvalid
from paystate.entrypoints.setup.settings import (
    BackendKey,
    BrokerLogin,
    EndpointSettings,
    JwtSettings,
    MerchantSettings,
    PolicySettings,
    PostgresSettings,
    Secret,
    Settings,
    SigningKey,
    StreamSettings,
    WebhookLogin,
)
from paystate.entrypoints.setup.tables.console import ConsoleProxy, ConsoleSettings
from paystate.entrypoints.setup.tables.settlement_formats import MEMBERS, unknown_members
from paystate.entrypoints.setup.tables.watching import MetricsSettings, TracingSettings

_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_OVERRIDES: Final = {
    "PAYSTATE_DATABASE": "database",
    "PAYSTATE_PUBLIC_URL": "public_url",
    "PAYSTATE_HOST": "host",
    "PAYSTATE_PORT": "port",
}
_FILE_BYTES_MAX: Final = 1024 * 1024
_NAMED: Final = re.compile(r"Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
_NAMES: Final = (
    *(
        name
        for model in (
            *(Settings, PostgresSettings, MetricsSettings, TracingSettings),
            *(MerchantSettings, EndpointSettings, StreamSettings),
            *(PolicySettings, JwtSettings, SigningKey, BackendKey, WebhookLogin, BrokerLogin, Secret),
            *(ConsoleSettings, ConsoleProxy),
        )
        for name in model.__struct_fields__
    ),
    *MEMBERS,
)


def read(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings without looking at what they point to; raises `SettingsInvalid` for a wrong form."""
    table = _table(path)
    merchants = cast("object", table.get("merchants"))
    tables: dict[str, Any] = cast("dict[str, Any]", merchants) if isinstance(merchants, dict) else {}
    whole = {**table, **_overrides(environ), "folder": str(path.parent)}
    if isinstance(merchants, dict):
        whole["merchants"] = {}
    problems = [ConfigProblem(place, *wrong) for place, *wrong in _hidden(table)]
    settings = _converted(whole, Settings, "", problems)
    for name, one in tables.items():
        problems += [
            _misfit(f"Object contains unknown field `{member}`", f"merchants.{name}.settlement_formats.{form}")
            for form, member in unknown_members(one)
        ]
    read = {name: _converted(one, MerchantSettings, f"merchants.{name}", problems) for name, one in tables.items()}
    if settings is None or problems:
        raise SettingsInvalid(*(ConfigProblem(f"{path}: {one.setting}", one.message, one.fix) for one in problems))
    return msgspec.structs.replace(settings, merchants={name: one for name, one in read.items() if one})


def _table(path: Path) -> dict[str, Any]:
    if not path.exists():
        fix = f"write one ({HOW_TO_SET_UP} shows it whole), or name it with --settings"
        raise SettingsInvalid(ConfigProblem(str(path), "does not exist", fix))
    try:
        return tomllib.loads(read_file(path, bytes_max=_FILE_BYTES_MAX).decode("utf-8"))
    except FileUnusable as unusable:
        raise SettingsInvalid(ConfigProblem(str(path), str(unusable), unusable.fix)) from None
    except UnicodeDecodeError:
        raise SettingsInvalid(ConfigProblem(str(path), "is not UTF-8 text", "save it as UTF-8")) from None
    except (ValueError, RecursionError) as wrong:  # some faults of the form come from below the parser
        raise SettingsInvalid(ConfigProblem(str(path), f"is not TOML: {wrong}", "correct that line")) from wrong


def _hidden(value: object, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Each text with a character that nobody sees: its place, what is wrong, and what to do.

    TOML takes a control only where it is escaped, so that one is seen, and left to the checks.
    """
    match value:
        case dict():
            for name, one in cast("dict[str, object]", value).items():
                yield from _hidden(name, f"{place}.{one_line(name, 64)}".removeprefix("."))
                yield from _hidden(one, f"{place}.{name}".removeprefix("."))
        case list():
            for i, one in enumerate(cast("list[object]", value)):
                yield from _hidden(one, f"{place}[{i}]")
        case str() if unseen := unseen_in(without_controls(value)):
            yield place, f"holds the hidden character {unseen}", "delete it: it came with a copied text"
        case _:
            pass


StructT = TypeVar("StructT", bound=msgspec.Struct)


def _converted(value: object, model: type[StructT], place: str, problems: list[ConfigProblem]) -> StructT | None:
    """`value` as `model`, or None and one more problem; no value is repeated, because it may be a secret."""
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError as wrong:
        problems.append(_misfit(str(wrong), place))
        return None


def _misfit(message: str, place: str) -> ConfigProblem:
    said, _, path = message.partition(" - at `$")
    at = f"{place}{path.removesuffix('`').removesuffix('[...]')}"
    see = f"see {HOW_TO_SET_UP}"
    if named := _NAMED.fullmatch(said):
        setting = f"{at}.{named[2]}".removeprefix(".")
        if named[1] == "missing required":
            return ConfigProblem(setting, "is missing", f"add it; {see}")
        near = difflib.get_close_matches(named[2], _NAMES, n=1)
        return ConfigProblem(setting, "is no setting", f"did you mean {near[0]}? If not, {see}" if near else see)
    if said.startswith("Invalid enum value"):
        said = "is none of the values that it takes"
    return ConfigProblem(at.removeprefix("."), said.replace("Expected", "must be", 1).replace("`", ""), see)


def _overrides(environ: Mapping[str, str]) -> dict[str, str | int]:
    given = {name: environ[variable] for variable, name in _OVERRIDES.items() if variable in environ}
    return {name: int(text) if name == "port" and _PORT.fullmatch(text) else text for name, text in given.items()}
