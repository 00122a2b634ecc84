"""Juspay's own client against the sandbox: npm's `expresscheckout-nodejs` 1.0.0, unchanged, over TLS.

Run by hand with PAYSTATE_NODE_CLIENT=1: it wants Node and npm, and fetches packages. The client's quirks are worked
round here and nowhere else: it speaks TLS always, writes the port into the host name it looks up, and wants a
package.json with name and version in the current folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from integration.sandbox.playing import KEY, SESSION, START, bakery

from paystate.entrypoints.sandbox import (
    LocalCertificate,
    SandboxClock,
    SandboxConfig,
    create_app,
    local_certificate,
    running,
)

PACKAGE = "expresscheckout-nodejs@1.0.0"

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("PAYSTATE_NODE_CLIENT") != "1",
        reason="runs by hand only: set PAYSTATE_NODE_CLIENT=1 (installs an npm package)",
    ),
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="Node or npm is missing"),
]

SCRIPT = """
const https = require('https')
const plain = https.request  // the client puts "host:port" where Node wants a host
https.request = (options) => plain({ ...options, host: new URL('https://' + options.host).hostname })
const { Juspay } = require('expresscheckout-nodejs')
const { url, key, session } = JSON.parse(process.argv[2])
const juspay = new Juspay({ apiKey: key, merchantId: 'bakery', baseUrl: url })
async function main() {
  const opened = await juspay.orderSession.create(session)
  const status = await juspay.order.status(session.order_id)
  const customer = await juspay.customer.create({ object_reference_id: 'dev-0001', mobile_number: '9000000001' })
  const unknown = await juspay.order.refund('nobody', { unique_request_id: 'r1', amount: 1 }).catch((error) => error)
  console.log(JSON.stringify({
    opened: opened.sdk_payload.payload.orderId,
    httpStatus: opened.http.statusCode,
    status: status.status,
    amount: status.amount,
    customer: customer.object_reference_id,
    unknown: unknown.status,
  }))
}
main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1) })
"""


async def run(program: str, *arguments: str, folder: Path, **environment: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def project(tmp_path: Path) -> Path:
    """A Node project with the client installed."""
    (tmp_path / "package.json").write_text('{"name": "bakery", "version": "1.0.0", "private": true}')
    (tmp_path / "pay.js").write_text(SCRIPT)
    code, _, err = await run("npm", "install", "--no-audit", "--no-fund", PACKAGE, folder=tmp_path)
    if code != 0:
        pytest.skip(f"npm cannot install {PACKAGE}: {err[-200:]}")
    return tmp_path


async def paid_with(project: Path, files: LocalCertificate) -> dict[str, Any]:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock(START, frozen=True))
    async with running(app, tls=files) as url:
        asked = json.dumps({"url": url, "key": KEY, "session": SESSION})
        code, out, err = await run("node", "pay.js", asked, folder=project, NODE_EXTRA_CA_CERTS=str(files.ca))
    assert 0 == code, err + out
    answers: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return answers


async def test_the_official_client_opens_a_session_and_reads_its_status(project: Path) -> None:
    answers = await paid_with(project, local_certificate(project / "tls"))
    assert ("bun-7Kq2", 200, "NEW", 100, "dev-0001") == (
        answers["opened"],
        answers["httpStatus"],
        answers["status"],
        answers["amount"],
        answers["customer"],
    )
    assert "NOT_FOUND" == answers["unknown"]
