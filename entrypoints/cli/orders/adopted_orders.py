"""Orders from before Paystate, read from a CSV file: its form, its bounds, and how a line becomes an order.

Nothing is opened here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from attrs import frozen

from paystate.core.errors import ValueInvalid
from paystate.core.ids import checked_customer_id, checked_order_id
from paystate.core.money import Money, checked_currency
from paystate.core.orders.facts import Customer, Opened
from paystate.core.text import refuse_free_text, unseen_in
from paystate.core.timestamps import instant_from
from paystate.entrypoints.interface.return_addresses import is_on_a_host
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem

BYTES_MAX: Final = 8 * 1024 * 1024
LINES_MAX: Final = 20_000
DESCRIPTION_MAX: Final = 250
NEEDED: Final = ("order_id", "amount", "currency", "customer_id", "fulfilled")
MORE: Final = ("return_url", "description", "created_at")
_YES_NO: Final = {"yes": True, "no": False}


@frozen
class Line:
    """One line of the file: its number, from 1, and its order or what is wrong with it (`rule`: what it breaks)."""

    number: int
    opened: Opened | None
    code: str = ""
    column: str = ""
    rule: str = ""


@frozen(kw_only=True)
class Shop:
    """Whose orders they are."""

    merchant_id: str
    return_hosts: Sequence[str]
    now: datetime


def lines(path: Path, shop: Shop) -> tuple[Line, ...]:
    """Read and check the whole file; raises ConfigError if it is not such a file at all."""
    text = _text(path)
    try:
        rows = [(number, row) for number, row in _rows(text) if row]
    except csv.Error as wrong:
        raise _no_file("is not CSV", "quote values that hold commas or line breaks, and close every quote") from wrong
    if not rows:
        raise _no_file("is empty", _HEADINGS)
    columns = tuple(rows[0][1])
    if set(NEEDED) - set(columns) or set(columns) - {*NEEDED, *MORE} or len(set(columns)) != len(columns):
        raise _no_file("does not begin with the names of its columns", _HEADINGS)
    if len(rows) - 1 > LINES_MAX:
        raise _no_file(f"has more than {LINES_MAX} orders", "split it, each part with the names of its columns")
    return tuple(_without_twins([_line(number, columns, row, shop) for number, row in rows[1:]]))


_HEADINGS: Final = f"its first line names the columns {', '.join(NEEDED)}, and may name {', '.join(MORE)}"


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as failed:
        raise _no_file(f"cannot be read: {type(failed).__name__}", "check its name and who may read it") from failed
    if len(raw) > BYTES_MAX:
        raise _no_file(f"is larger than {BYTES_MAX // 1024 // 1024} MB", "split it")
    try:
        return raw.decode("utf-8-sig")  # a spreadsheet's export begins with a mark
    except UnicodeDecodeError as wrong:
        raise _no_file("is not UTF-8", "export it as UTF-8") from wrong


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line on which it ends."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        yield reader.line_num, row


def _line(number: int, columns: Sequence[str], row: Sequence[str], shop: Shop) -> Line:
    if len(row) != len(columns):
        return Line(number, None, "validation_failed", "number of columns")
    try:
        return Line(number, _order(dict(zip(columns, row, strict=True)), shop))
    except ValueInvalid as wrong:
        return Line(number, None, wrong.code, wrong.pointer.removeprefix("/"), wrong.rule)


def _order(values: dict[str, str], shop: Shop) -> Opened:
    for column, value in values.items():
        if unseen := unseen_in(value, joins=column == "description"):
            raise ValueInvalid("validation_failed", f"/{column}", f"holds the hidden character {unseen}")
    description = values.get("description", "")
    refuse_free_text(description, "/description", DESCRIPTION_MAX)
    return Opened(
        merchant_id=shop.merchant_id,
        order_id=_checked("order_id", values, checked_order_id),
        amount=_price(values),
        customer=Customer(customer_id=_checked("customer_id", values, checked_customer_id)),
        return_url=_return_url(values.get("return_url", ""), shop),
        description=description,
        adopted=True,
        fulfilled=_fulfilled(values["fulfilled"]),
        sold_at=_sold_at(values.get("created_at", ""), shop),
    )


def _checked(column: str, values: dict[str, str], check: Callable[[object], str]) -> str:
    try:
        return check(values[column])
    except ValueInvalid as wrong:
        raise wrong.at(f"/{column}") from wrong


def _price(values: dict[str, str]) -> Money:
    currency = _checked("currency", values, checked_currency)
    try:
        return Money.parse(values["amount"], currency)
    except ValueInvalid as wrong:
        raise wrong.at("/amount") from wrong


def _return_url(text: str, shop: Shop) -> str:
    if text and not is_on_a_host(text, shop.return_hosts):
        raise ValueInvalid("invalid_return_url", "/return_url")
    return text


def _fulfilled(text: str) -> bool:
    if text not in _YES_NO:
        raise ValueInvalid("validation_failed", "/fulfilled")
    return _YES_NO[text]


def _sold_at(text: str, shop: Shop) -> datetime | None:
    """When it was sold: an instant with a zone, not one to come."""
    if not text:
        return None
    try:
        instant = instant_from(text)
    except ValueError as wrong:
        raise ValueInvalid("validation_failed", "/created_at") from wrong
    if instant > shop.now or instant.year < OLDEST_YEAR:
        raise ValueInvalid("validation_failed", "/created_at")
    return instant


OLDEST_YEAR: Final = 2000
"""Before it there was nothing to be paid; a year of 1970 is a number that was lost."""


def _without_twins(read: Sequence[Line]) -> Iterator[Line]:
    """An order may stand in one line only, whatever the case of its id."""
    seen: set[str] = set()
    for line in read:
        name = line.opened.order_id.lower() if line.opened else ""
        yield Line(line.number, None, "duplicate_key", "order_id") if name in seen else line
        seen |= {name} - {""}


def _no_file(message: str, fix: str) -> ConfigError:
    return ConfigError(ConfigProblem("file", message, fix))
