"""What all pages of finance share: whose they are, their links to each other, and tables to download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final
from urllib.parse import urlencode

from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.console.access import AnyRequest, console_of
from paystate.entrypoints.console.rendering import HEADERS, Page, page
from paystate.entrypoints.interface.spreadsheet import write_table

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for the machine's own character set."""
PARTS: Final = {"day": "The day", "waiting": "What waits", "disputes": "Disputes", "settlements": "Settlements"}


def path_to(merchant: Merchant, part: str, **query: str | None) -> str:
    """The address of a page of a merchant's; what is None is not asked for."""
    given = {name: text for name, text in query.items() if text is not None}
    return f"/finance/{merchant.merchant_id}/{part}{f'?{urlencode(given)}' if given else ''}"


def finance_page(
    request: AnyRequest, template: str, merchant: Merchant, part: str, status: int = 200, **facts: object
) -> Page:
    """A page of a merchant's, with links to the others and to other merchants."""
    others = [one for one in console_of(request).merchants.values() if one is not merchant]
    return page(
        request,
        f"finance/{template}",
        status,
        merchant_id=merchant.merchant_id,
        zone=str(merchant.time_zone),
        parts=[(name, path_to(merchant, at), at == part) for at, name in PARTS.items()],
        merchants=[(one.merchant_id, path_to(one, part)) for one in others],
        **facts,
    )


def table_name(name: str, *, is_cut: bool) -> str:
    """The name of a table's file, which says so where there is more than it holds."""
    return f"{name}-not-all" if is_cut else name


def table_page(name: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Page:
    """A table to download. It takes as long as there are rows, so it is made beside the event loop's thread."""
    out = StringIO()
    out.write(_BYTE_ORDER_MARK)
    write_table(out, heading, rows)
    return Page(
        out.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
