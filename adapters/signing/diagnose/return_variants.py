"""The ways to make a return URL's signature: the right ones, and the wrong ones that we know.

`return_url` beside it finds which way the other side went; nothing here verifies anything. Source of the steps: gateway
contract, E.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from paystate.adapters.signing.diagnose.search import Mistake, Way, loose_base64, readings, wrong
from paystate.adapters.signing.return_url import OWN, form_encoded, rfc3986_encoded
from paystate.core.text import one_line

Pairs = tuple[tuple[str, str], ...]
Encode = Callable[[str], str]


def _spaces_by_code(text: str) -> str:
    return form_encoded(text).replace("+", "%20")


def _php_encoded(text: str) -> str:
    return form_encoded(text).replace("*", "%2A")


def _javascript_encoded(text: str) -> str:
    return quote(text, safe="!*'()~")


def _in_small(encoded: Encode) -> Encode:
    return lambda text: re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), encoded(text))


_SMALL: Final = "percent codes are in small letters (%3d); capitals are needed (%3D)"
_OTHER_ALPHABETS: Final[dict[str, tuple[Encode, Encode]]] = {
    "names and values are encoded as in a form (+ for a space), but the whole as RFC 3986 says (%20)": (
        form_encoded,
        rfc3986_encoded,
    ),
    "names and values are encoded as RFC 3986 says (%20 for a space), but the whole as in a form (+)": (
        rfc3986_encoded,
        form_encoded,
    ),
    "it is encoded by JavaScript's encodeURIComponent, which leaves ! ' ( ) * as they are": (
        _javascript_encoded,
        _javascript_encoded,
    ),
    "it is encoded by PHP's urlencode, which makes %2A of *": (_php_encoded, _php_encoded),
    "it is encoded by Python's quote_plus, which makes %2A of * and leaves ~": (quote_plus, quote_plus),
    "it is encoded by Python's quote, which leaves / as it is": (quote, quote),
    "it is encoded as in a form, but with %20 for a space": (_spaces_by_code, _spaces_by_code),
}
ALPHABETS: Final[tuple[Way[tuple[Encode, Encode]], ...]] = (
    Way((form_encoded, form_encoded)),
    Way((rfc3986_encoded, rfc3986_encoded)),
    Way((_in_small(form_encoded), _in_small(form_encoded)), Mistake(2, _SMALL)),
    Way((_in_small(rfc3986_encoded), _in_small(rfc3986_encoded)), Mistake(2, _SMALL)),
    *wrong(2, _OTHER_ALPHABETS),
)
"""How names and values are encoded, and how the whole."""

INNER: Final = (Way(1), *wrong(2, {"names and values are not encoded before they are joined": 0}))
OUTER: Final = (
    Way(1),
    *wrong(5, {"the joined text is not encoded once more": 0, "the joined text is encoded twice more": 2}),
)
"""How often each encoding is done."""


def _by_name(pairs: Pairs) -> Pairs:
    return tuple(sorted(pairs))


def _as_it_came(pairs: Pairs) -> Pairs:
    return pairs


def _by_name_and_value(pairs: Pairs) -> Pairs:
    return tuple(sorted(pairs, key="=".join))


def _by_plain_name(pairs: Pairs) -> Pairs:
    return tuple(sorted(pairs, key=lambda pair: unquote_plus(pair[0])))


def _whatever_the_case(pairs: Pairs) -> Pairs:
    return tuple(sorted(pairs, key=lambda pair: pair[0].lower()))


_OTHER_ORDERS: Final[dict[str, Callable[[Pairs], Pairs]]] = {
    "the parameters are signed in the order in which they came": _as_it_came,
    "they are sorted by name=value, and not by name": _by_name_and_value,
    "they are sorted by their plain names, and not by the encoded ones": _by_plain_name,
    "they are sorted whatever the case of letters; capitals come first": _whatever_the_case,
}
ORDERS: Final[tuple[Way[Callable[[Pairs], Pairs]], ...]] = (Way(_by_name), *wrong(3, _OTHER_ORDERS))

_NAME_MAX: Final = 64
_JUSPAY_S: Final = frozenset({"order_id", "status", "status_id"})
_READINGS: Final[dict[str, Encode]] = {
    "the parameters are not decoded": str,
    "the parameters are decoded twice": lambda raw: unquote_plus(unquote_plus(raw)),
    "a + is read as a plus; it stands for a space": unquote,
    "letters with marks are put together (Unicode NFC)": lambda raw: unicodedata.normalize("NFC", unquote_plus(raw)),
    "letters with marks are taken apart (Unicode NFD)": lambda raw: unicodedata.normalize("NFD", unquote_plus(raw)),
    "white space around names and values is cut off": lambda raw: unquote_plus(raw).strip(),
}


def parameters(query: str, given: Pairs) -> Iterator[Way[Pairs]]:
    """What may be signed, of a query and its decoded parameters."""
    signed = without_own(given)
    yield Way(signed)
    others: dict[str, Pairs] = {
        "signature_algorithm is signed as well; it must be left out": tuple(p for p in given if p[0] != "signature"),
        "only Juspay's own parameters are signed; the merchant's must be signed too": tuple(
            pair for pair in signed if pair[0] in _JUSPAY_S
        ),
        "empty parameters are left out": tuple(pair for pair in signed if pair[1]),
        **{f"{shown(pair[0])} is not signed": tuple(other for other in signed if other != pair) for pair in signed},
        **{says: without_own(_read(query, reading)) for says, reading in _READINGS.items()},
    }
    yield from (way for way in wrong(1, others) if way.does != signed)


def without_own(pairs: Pairs) -> Pairs:
    """The parameters that are signed."""
    return tuple(pair for pair in pairs if pair[0] not in OWN)


def shown(name: str) -> str:
    """A parameter's name as it may be printed: one bounded line that moves no cursor."""
    return one_line(name, _NAME_MAX, instead="\ufffd") or "(no name)"


def _read(query: str, reading: Encode) -> Pairs:
    parts = (part.partition("=") for part in query.split("&"))
    return tuple((reading(name), reading(value)) for name, _, value in parts)


def keys(response_keys: Sequence[str]) -> Iterator[Way[bytes]]:
    """What may be used as the key, of each of the merchant's."""
    for number, key in enumerate(response_keys, 1):
        which = f"response key {number}" if len(response_keys) > 1 else "the response key"
        yield Way(key.encode())
        spaced = dict.fromkeys(other.encode() for other in (key.strip(), f"{key}\n", f"{key} ") if other != key)
        yield from (Way(other, Mistake(6, f"{which} has white space at its end on one side")) for other in spaced)
        message = f"{which} is decoded first; its letters themselves are the key"
        yield from readings(6, {message: bytes.fromhex}, key)
        yield from readings(6, {message: _base64}, key)


def tags(signature: str) -> Iterator[Way[bytes]]:
    """What the bytes of a signature may be; each once, by its first spelling."""
    text = (unquote(signature) if "%" in signature else signature).replace(" ", "+")
    return readings(7, _SPELLINGS, text)


def _base64(text: str) -> bytes:
    tag = base64.b64decode(text, validate=True)
    if base64.b64encode(tag).decode("ascii") != text:
        raise ValueError("another spelling of the same bytes")
    return tag


_SPELLINGS: Final[dict[str, Callable[[str], bytes]]] = {
    "": _base64,
    "the signature is written in hex; base64 is needed": bytes.fromhex,
    "the signature is in base64 of another spelling: - and _ for + and /, no = at its end, or white space within": (
        loose_base64
    ),
    "the signature was percent-encoded more than twice": lambda text: _base64(unquote(unquote(text))),
    "the signature is the base64 of hex digits; it must be the base64 of the bytes": lambda text: bytes.fromhex(
        _base64(text).decode("ascii")
    ),
}
