"""A program of its own that asks for looks, all at once, and prints the status of each answer when all have come.

python hanging_looks.py SERVICE_URL API_KEY ORDER_ID...
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx

WITHIN_S = 120


async def main(service_url: str, key: str, *order_ids: str) -> None:
    limits = httpx.Limits(max_connections=len(order_ids))
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S, limits=limits) as http:
        looks = [
            http.post(f"{service_url}/v1/orders/{order_id}/look", headers={"authorization": f"Bearer {key}"})
            for order_id in order_ids
        ]
        print(json.dumps([answer.status_code for answer in await asyncio.gather(*looks)]))


asyncio.run(main(*sys.argv[1:]))
