"""Drives PyPI's `juspayp3` as `driving.py` asks. The package comes by PYTHONPATH, unchanged.

It knows Juspay's own hosts only, so its requests are sent to the address that the line names.
"""

import json
import sys
from urllib.parse import urlsplit

import juspayp3
import requests
from juspayp3.JuspayException import JuspayException

get, post = requests.get, requests.post


def elsewhere(base_url, send):
    return lambda url, **more: send(base_url + urlsplit(url).path, **more)


def plain(value):
    return vars(value) if hasattr(value, "__dict__") else str(value)


def made(name, given):
    resource, method = name.split(".")
    try:
        return {"ok": getattr(getattr(juspayp3, resource), method)(**given)}
    except (JuspayException, LookupError, TypeError, ValueError) as error:
        body = getattr(error, "json_body", None)
        try:
            message = json.loads(body or b"null")
        except ValueError:
            message = body.decode()
        return {"error": {"name": type(error).__name__, "status": getattr(error, "http_status", None), "body": message}}


for line in sys.stdin:
    asked = json.loads(line)
    client = asked["client"]
    juspayp3.environment, juspayp3.api_key = "sandbox", client["api_key"]
    requests.get, requests.post = elsewhere(client["base_url"], get), elsewhere(client["base_url"], post)
    print(json.dumps([made(*call) for call in asked["calls"]], default=plain), flush=True)
