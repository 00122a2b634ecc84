"""A tea shop on Django with Paystate inside: `python shop.py runserver 8000 --noreload`, beside it `paystate worker`.

In a project of yours the parts go to settings.py, urls.py and views.py; with its CSRF middleware, what the app and
Juspay call is `csrf_exempt`. Whether a sale is paid is never kept in its own rows: Paystate knows, and is asked.
"""

import json
import os
import secrets
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from paystate.entrypoints.engine import BlockingPaystate, Refused, UnknownId, ValueInvalid, as_dict

DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], DATABASES={"default": DATABASE}, USE_TZ=True)
django.setup()

PRICES = {"assam": "349.50", "darjeeling": "640.00"}
T = TypeVar("T")
# Each process of a server that forks must open its own. gunicorn loads this file after the fork, unless told --preload.
shop = BlockingPaystate.open(os.environ.get("PAYSTATE_SETTINGS", "paystate.toml")).merchant("teashop")


def sql(text: str, *values: str) -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute(text, values).rowcount)


sql("create table if not exists sales (order_id text primary key, customer text, tea text, shipped int)")


class NotAllowed(Exception):
    """What a rule refuses is no fault: it says which rule, and what may be done instead."""


def allowed(answer: T | Refused) -> T:
    if isinstance(answer, Refused):
        raise NotAllowed({"code": answer.code, "detail": answer.detail, "legal": answer.legal})
    return answer


def told(view: Callable[..., Any], status: int = 200) -> Callable[..., HttpResponse]:
    """A view's value as JSON, and what Paystate raises or refuses; in a project, a middleware does it for all views."""

    def answered(request: HttpRequest, **parts: str) -> HttpResponse:
        try:
            return JsonResponse(as_dict(view(request, **parts)), status=status)
        except UnknownId as fault:
            return JsonResponse({"code": fault.code}, status=404)
        except ValueInvalid as fault:
            return JsonResponse({"code": fault.code, "pointer": fault.pointer, "detail": fault.rule}, status=422)
        except NotAllowed as refused:
            return JsonResponse(refused.args[0], status=409)

    return answered


def buy(request: HttpRequest, tea: str) -> Any:
    if tea not in PRICES:
        raise Http404
    customer, order_id = request.headers["X-Customer"], f"T{secrets.token_hex(8)}"  # in place of your own login
    sql("insert into sales values (%s, %s, %s, 0)", order_id, customer, tea)
    allowed(shop.open_order(order_id, PRICES[tea], "INR", customer=customer))
    checkout = shop.start_checkout(customer=customer)
    return {"order_id": order_id, "checkout_id": checkout.checkout_id, "initiate_payload": checkout.initiate_payload}


def event(request: HttpRequest, checkout_id: str) -> Any:
    return allowed(shop.sdk_event(checkout_id, json.loads(request.body)))


def process(_: HttpRequest, checkout_id: str, order_id: str) -> Any:
    return allowed(shop.sign_process(checkout_id, order_id))


def webhook(request: HttpRequest) -> HttpResponse:
    reply = shop.receive_webhook(request.headers, request.body)
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


def come_back(request: HttpRequest) -> HttpResponse:
    back = shop.handle_return(request.META["QUERY_STRING"])
    return HttpResponseRedirect(back.location) if back.location else HttpResponse("We are checking your payment.")


def ship(_: HttpRequest, order_id: str) -> Any:  # for your staff only, and so is `refund`
    if not shop.order(order_id).may_fulfil:
        raise NotAllowed({"code": "not_paid"})
    return {"shipped_now": sql("update sales set shipped = 1 where order_id = %s and shipped = 0", order_id) == 1}


def refund(request: HttpRequest, order_id: str, amount: str) -> Any:
    return allowed(shop.refund(order_id, amount, key=request.GET["key"]))


urlpatterns = [
    path("buy/<tea>", require_POST(told(buy, 201))),
    path("checkouts/<checkout_id>/events", require_POST(told(event, 202))),
    path("checkouts/<checkout_id>/process/<order_id>", require_POST(told(process))),
    path("checkouts/<checkout_id>/result", require_GET(told(lambda _, checkout_id: shop.result(checkout_id)))),
    path("webhooks/juspay/teashop", require_POST(webhook)),
    path("return/teashop", require_GET(come_back)),
    path("orders/<order_id>/ship", require_POST(told(ship))),
    path("orders/<order_id>/refund/<amount>", require_POST(told(refund))),
]
application = get_wsgi_application()
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
