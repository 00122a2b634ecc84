"""The service under another application, by its path. Needs the extra `service`."""

from __future__ import annotations

from typing import Any, cast

from paystate.entrypoints.engine.answers import Asgi
from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.setup.runtime import Runtime


def mounted(runtime: Runtime) -> Asgi:
    """The service's application, which sees only what is left of a path below where it is mounted.

    Starlette leaves the whole path and names what stands before it; Litestar cuts the path, but not its raw form.
    """
    app = cast("Asgi", create_app(runtime))

    async def below(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        raw = scope.get("raw_path") or path.encode()
        if raw.partition(b"?")[0].endswith(path.encode()):  # else something in it is escaped, and leads nowhere
            raw = path.encode()
        await app({**scope, "path": path, "raw_path": raw, "root_path": ""}, receive, send)

    return below
