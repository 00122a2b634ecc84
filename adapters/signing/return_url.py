"""The return URL's signature: its exact string, and the refusal of everything else.

The two documented encodings of the signed string are here, and the limits on what is looked at. What a good signature
is worth (genuine, perhaps old) is decided by the core.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from paystate.core.errors import SignatureInvalid, ValueInvalid
from paystate.core.ports.signing import LIVE_KEYS_MAX

PARAMETERS_MAX: Final = 100
CHARACTERS_MAX: Final = 8192

ALGORITHM: Final = "HMAC-SHA256"
OWN: Final = frozenset({"signature", "signature_algorithm"})
_TAG: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)


def form_encoded(text: str) -> str:
    """Encode as an HTML form does, and Java's `URLEncoder`: `+` for a space, `*` bare, `%7E` for a tilde."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def rfc3986_encoded(text: str) -> str:
    """Encode as RFC 3986 says: `%20` for a space, `%2A` for an asterisk, a tilde bare."""
    return quote(text, safe="")


ENCODINGS: Final = (form_encoded, rfc3986_encoded)
"""The two ways in which the whole string may have been made. Source: gateway contract, E (traps)."""


def signed_string(parameters: Iterable[tuple[str, str]], encoded: Callable[[str], str] = form_encoded) -> str:
    """Return the text that is signed: pairs encoded, sorted by encoded name, joined, and the whole encoded again.

    The second encoding is what keeps `{a: "1&b=2"}` and `{a: "1", b: "2"}` apart, so it is never left out.

    Raises:
        UnicodeEncodeError: A lone surrogate.

    Source: gateway contract, E, steps 2 to 5.
    """
    pairs = sorted((encoded(name), encoded(value)) for name, value in parameters)
    return encoded("&".join(f"{name}={value}" for name, value in pairs))


class ReturnUrlVerifier:
    """Checks return URLs with the merchant's response keys, all of which are good."""

    def __init__(self, response_keys: Sequence[str] = ()) -> None:
        """Take up to three keys; with none, every return URL is refused.

        Raises:
            ValueError: Too many keys, or an empty one.
        """
        if len(response_keys) > LIVE_KEYS_MAX or not all(response_keys):
            raise ValueError(f"up to {LIVE_KEYS_MAX} response keys, none of them empty")
        self._keys = tuple(key.encode("utf-8") for key in response_keys)

    def verify(self, parameters: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Return the signed parameters without the two signature members.

        Args:
            parameters: All of the URL's or form's, percent-decoded once, empty values kept.

        Raises:
            SignatureInvalid: No key; no whole, right signature; another algorithm; too many or too long parameters.
            ValueInvalid: `duplicate_parameter`.

        Source: gateway contract, E.
        """
        if len(parameters) > PARAMETERS_MAX or sum(len(n) + len(v) for n, v in parameters) > CHARACTERS_MAX:
            raise SignatureInvalid("too many parameters")
        given = dict(parameters)
        if len(given) != len(parameters):
            raise ValueInvalid("duplicate_parameter")
        if given.get("signature_algorithm") != ALGORITHM:
            raise SignatureInvalid("no known algorithm")
        signed = {name: value for name, value in given.items() if name not in OWN}
        self._check(signed, _tag(given.get("signature", "")))
        return signed

    def _check(self, signed: Mapping[str, str], tag: bytes) -> None:
        try:
            messages = [signed_string(signed.items(), encoded).encode("ascii") for encoded in ENCODINGS]
        except UnicodeEncodeError:
            raise SignatureInvalid("no text") from None
        # A list, not a generator: every key and form is tried, whichever fits.
        if not any([_fits(key, message, tag) for key in self._keys for message in messages]):  # noqa: C419
            raise SignatureInvalid("return url")

    def __repr__(self) -> str:
        """How many keys there are."""
        return f"ReturnUrlVerifier({len(self._keys)} keys)"


def _tag(text: str) -> bytes:
    """Undo the second encoding that some return URLs have, and a `+` that was taken for a space; then be strict.

    Base64 has several texts for the same bytes: only the one that would be made again is taken.
    """
    text = (unquote(text) if "%" in text else text).replace(" ", "+")
    if not _TAG.fullmatch(text):
        raise SignatureInvalid("no signature")
    tag = base64.b64decode(text)
    if base64.b64encode(tag).decode("ascii") != text:
        raise SignatureInvalid("no signature")
    return tag


def _fits(key: bytes, message: bytes, tag: bytes) -> bool:
    try:
        verify(key, message, tag)
    except SignatureInvalid:
        return False
    return True


def authenticate(key: bytes, message: bytes) -> bytes:
    """Return the 32 bytes of the tag."""
    return hmac.digest(key, message, "sha256")


def verify(key: bytes, message: bytes, tag: bytes) -> None:
    """Return None if `tag` is the whole right tag; raises SignatureInvalid otherwise, a cut one included."""
    if not hmac.compare_digest(authenticate(key, message), tag):
        raise SignatureInvalid("hmac")
