"""A Litestar application that does nothing, under uvicorn: `python empty_litestar.py PORT`."""

import sys

import uvicorn
from litestar import Litestar, get


@get("/healthz")
async def healthz() -> dict[str, str]:
    return {}


if __name__ == "__main__":
    uvicorn.run(Litestar([healthz]), host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
