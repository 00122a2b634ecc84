"""Who a browser is: an id in a signed cookie. There is no password; a shopper is a browser, until it forgets."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any, Final

from attrs import field, frozen
from litestar import Request, Response

COOKIE: Final = "shopper"
_KEPT_S: Final = 180 * 24 * 3600
_SIGNED: Final = re.compile(r"([A-Za-z0-9-]{1,64})\.([0-9a-f]{64})", re.ASCII)

AnyRequest = Request[Any, Any, Any]


@frozen
class Shoppers:
    """Signs ids of shoppers, and knows them again."""

    _key: bytes = field(repr=False)

    def signed(self, shopper: str) -> str:
        """The id with its signature."""
        return f"{shopper}.{hmac.digest(self._key, shopper.encode(), hashlib.sha256).hex()}"

    def known(self, text: str) -> str:
        """The id that was signed; empty for anything else."""
        found = _SIGNED.fullmatch(text)
        if found and hmac.compare_digest(text, self.signed(found[1])):
            return found[1]
        return ""

    def of(self, request: AnyRequest) -> str:
        """Who the browser is; empty where it does not say, or says what we have not signed.

        Another site's form brings no cookie. Whoever took that for a new shopper would have the browser forget the old.
        """
        return self.welcomed(request) or self.known(request.cookies.get(COOKIE, ""))

    def welcome(self, request: AnyRequest) -> str:
        """The same where a shopper is needed: a new one where the browser does not say. The answer has it remember."""
        return self.greet(request, self.of(request) or f"guest-{secrets.token_hex(16)}")

    def greet(self, request: AnyRequest, shopper: str) -> str:
        """Take the browser for this shopper from now on."""
        request.scope["state"][COOKIE] = shopper
        return shopper

    def welcomed(self, request: AnyRequest) -> str:
        """Whom the answer has the browser remember; empty where it leaves the browser as it is."""
        welcomed: str = request.scope["state"].get(COOKIE, "")
        return welcomed

    def remember(self, shopper: str, response: Response[Any], *, is_secure: bool) -> None:
        """Have the browser say so from now on; no script reads it, and no other site's form sends it."""
        response.set_cookie(
            COOKIE, self.signed(shopper), max_age=_KEPT_S, httponly=True, samesite="lax", secure=is_secure
        )
