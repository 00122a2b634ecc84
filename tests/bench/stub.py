"""A server that answers every request with one order of 3.5 KB, in a process of its own.

`python stub.py SECONDS [CERT KEY]`: each answer takes so many seconds.
The order has the id that is asked for, if that is as long as `bench-1`.
It tells its port on the first line, and for a line on its standard input how many connections it has taken so far.
"""

import asyncio
import json
import ssl
import sys
from typing import Any

ORDER: dict[str, Any] = {
    "id": "ordeh_bench",
    "order_id": "bench-1",
    "merchant_id": "benchshop",
    "status": "CHARGED",
    "status_id": 21,
    "amount": 349.5,
    "effective_amount": 349.5,
    "amount_refunded": 100,
    "refunded": False,
    "currency": "INR",
    "date_created": "2031-02-03T04:05:06Z",
    "customer_id": "lee-17",
    "customer_email": "lee@example.test",
    "customer_phone": "5550100",
    "return_url": "https://shop.example.test/return",
    **{f"udf{number}": "" for number in range(1, 11)},
    "txn_id": "benchshop-bench-1-1",
    "txn_uuid": "benchuuid1",
    "payment_links": {"web": "https://pay.example.test/1", "mobile": "", "iframe": ""},
    "product_id": "",
    "description": "",
    "gateway_id": 100,
    "bank_error_code": "",
    "payment_method_type": "CARD",
    "payment_method": "VISA",
    "bank_error_message": "",
    "txn_detail": {"txn_id": "benchshop-bench-1-1", "status": "CHARGED", "txn_amount": 349.5, "gateway": "DUMMY"},
    "card": {"last_four_digits": "4242", "card_brand": "VISA", "card_type": "CREDIT", "using_saved_card": False},
    "payment_gateway_response": {"rrn": "607309221144", "epg_txn_id": "dmy_1", "resp_code": "SUCCESS"},
    "refunds": [
        {
            "id": "dmyrf_1",
            "unique_request_id": "bench-refund-1",
            "amount": 100,
            "status": "SUCCESS",
            "created": "2031-02-04T04:05:06Z",
            "sent_to_gateway": True,
            "refund_type": "STANDARD",
            "initiated_by": "API",
        }
    ],
}
SIZE_BYTES = 3500
_ID = b"bench-1"


def answer() -> bytes:
    body = json.dumps(ORDER).encode()
    filled = json.dumps({**ORDER, "description": "x" * (SIZE_BYTES - len(body) - len(', "description": ""'))}).encode()
    head = b"HTTP/1.1 200 OK\r\nDate: Mon, 03 Feb 2031 04:05:06 GMT\r\nContent-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(filled) + filled


class Stub(asyncio.Protocol):
    """One connection; a request is whole when its head has ended, as a read has no body."""

    connections = 0
    answer = answer()
    after_s = 0.0
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Stub.connections += 1
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.head = b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        if self.head.endswith(b"\r\n\r\n"):
            asked = self.head.split(b" ", 2)[1].rpartition(b"/")[2]
            self.head = b""
            told = self.answer.replace(_ID, asked) if len(asked) == len(_ID) else self.answer
            if self.after_s:
                asyncio.get_running_loop().call_later(self.after_s, self.transport.write, told)
            else:
                self.transport.write(told)


async def main(after_s: str, files: list[str]) -> None:
    Stub.after_s = float(after_s)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if files else None
    if context:
        context.load_cert_chain(*files)
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        while await asyncio.to_thread(sys.stdin.readline):
            print(Stub.connections, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
