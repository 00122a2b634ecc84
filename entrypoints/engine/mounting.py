"""The service under another application, by its path. Needs the extra `service`."""

from __future__ import annotations

from typing import Any, cast

from paystate.entrypoints.engine.answers import Asgi
from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.setup.runtime import Runtime


def mounted(runtime: Runtime, kept_open: object) -> Asgi:
    """The service's application, which sees only what is left of a path below where it is mounted.

    Starlette leaves the whole path and names what stands before it; Litestar cuts the path, but not its raw form.

    Args:
        kept_open: What closes the installation when nobody holds it any more; the application holds it.
    """
    app = create_app(runtime)
    app.state.kept_open = kept_open
    serve = cast("Asgi", app)

    async def below(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        raw = scope.get("raw_path") or path.encode()
        if raw.partition(b"?")[0].endswith(path.encode()):  # else something in it is escaped, and leads nowhere
            raw = path.encode()
        await serve({**scope, "path": path, "raw_path": raw, "root_path": ""}, receive, send)

    return below
