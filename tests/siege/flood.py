"""Sends webhooks of one merchant as fast as one process can, until its standard input ends; then it says how many.

A program of its own: python flood.py HOST PORT PATH LOGIN MERCHANT ORDERS
"""

from __future__ import annotations

import asyncio
import sys
import time

CONNECTIONS = 24


async def flood(host: str, port: int, path: str, login: str, merchant: str, orders: int) -> None:
    """Tell of so many orders in turn, each time another event; an answer that is not 200 ends it."""
    ended, began, sent = asyncio.Event(), time.monotonic(), 0

    async def told() -> None:
        nonlocal sent
        reader, writer = await asyncio.open_connection(host, port)
        while not ended.is_set():
            sent += 1
            order = f'{{"order_id":"open-{sent % orders}","merchant_id":"{merchant}","status":"PENDING_VBV"}}'
            body = f'{{"id":"evt_{sent}","event_name":"ORDER_UPDATED","content":{{"order":{order}}}}}'
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {login}\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}Content-Type: application/json\r\n\r\n{body}".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
            assert answer.startswith(b"HTTP/1.1 200"), answer
        writer.close()

    telling = [asyncio.create_task(told()) for _ in range(CONNECTIONS)]
    await asyncio.to_thread(sys.stdin.read)
    ended.set()
    await asyncio.gather(*telling)
    print(sent, time.monotonic() - began)


if __name__ == "__main__":
    address, port, path, login, merchant, orders = sys.argv[1:]
    asyncio.run(flood(address, int(port), path, login, merchant, int(orders)))
