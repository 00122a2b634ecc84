"""Where a return URL's signature and ours differ, step by step.

This looks at what must be right before anything can be compared, and makes the texts of our own side. Nothing that it
returns holds a key, a digest or the signature that came. Whether a URL is accepted is still decided by
`paystate.adapters.signing.return_url`.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import frozen

from paystate.adapters.signing.diagnose import return_variants as ways
from paystate.adapters.signing.diagnose.return_variants import Encode, Pairs
from paystate.adapters.signing.diagnose.search import (
    Explanation,
    Mistake,
    Way,
    compared,
    fewest_mistakes,
    stopped,
    where_they_part,
)
from paystate.adapters.signing.return_url import (
    ALGORITHM,
    CHARACTERS_MAX,
    PARAMETERS_MAX,
    ReturnUrlVerifier,
    form_encoded,
    signed_string,
)
from paystate.core.errors import PaystateError

STEPS: Final = {
    1: "take the parameters apart, without the signature's own two",
    2: "encode each name and value",
    3: "sort by encoded name",
    4: "join as name=value with &",
    5: "encode the whole once more",
    6: "HMAC-SHA256 with the response key",
    7: "write it as base64",
    8: "compare",
}
"""Source: gateway contract, E."""

_DIGESTS: Final = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
_RIGHT_LENGTH: Final = 32


@frozen
class _Url:
    """A return URL: its query as it came, and decoded."""

    query: str
    given: Pairs

    @property
    def values(self) -> Mapping[str, str]:
        return dict(self.given)


def explain_return(text: str, response_keys: Sequence[str]) -> Explanation:
    """Say at which step the signature of a return URL parts from ours.

    Args:
        text: The whole URL, its query alone, or the body of the form.
        response_keys: The merchant's, three at most.

    Raises:
        ValueError: Too many keys, or an empty one.
    """
    verifier = ReturnUrlVerifier(response_keys)
    query = _query(text).rstrip("&")  # as the service takes it
    try:
        given = tuple(parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict"))
    except ValueError:
        return stopped(STEPS, Mistake(1, "It is not a list of name=value, percent-encoded, in UTF-8."), {})
    url = _Url(query, given)
    if stop := next(_obstacles(url, response_keys), None):
        return stopped(STEPS, stop, {})
    fits = _fits(url, response_keys)
    if not fits:
        return stopped(STEPS, Mistake(8, _NOTHING_FITS), _ours(url))
    mistakes = [*fits[0], *_forbidden(url)]
    return Explanation(
        steps=tuple(compared(STEPS, mistakes, {**_ours(url), 6: _key_that_fits(url, response_keys)})),
        conclusion=_conclusion(fits, _forbidden(url)),
        is_good=_is_taken(verifier, url),
    )


# --- what came


def _query(text: str) -> str:
    text = text.strip().strip("\"'<>")
    is_address = "?" in text or "://" in text.partition("=")[0]
    return text.partition("?")[2].partition("#")[0] if is_address else text


def _obstacles(url: _Url, response_keys: Sequence[str]) -> Iterator[Mistake]:
    """Why there is nothing to compare."""
    if any(name.startswith("amp;") for name in url.values):
        yield Mistake(1, "The URL has &amp; where & belongs: it was copied out of a page's source.")
    if twice := [name for name, count in Counter(name for name, _ in url.given).items() if count > 1]:
        yield Mistake(1, f"{_listed(twice)} comes more than once: always refused, whatever it says.")
    if len(url.given) > PARAMETERS_MAX or sum(len(name) + len(value) for name, value in url.given) > CHARACTERS_MAX:
        yield Mistake(1, "There are too many parameters, or they are too long, to be looked at: always refused.")
    if not url.values.get("signature"):
        yield _unsigned(url)
    if not response_keys:
        yield Mistake(6, "There is no response key here, so every return URL is refused.")
    if not [*_tags(url)]:
        yield Mistake(
            7, "The signature cannot be read: it is not base64, or anything like it, of the length of an HMAC."
        )


def _unsigned(url: _Url) -> Mistake:
    if named := [name for name in url.values if name.lower() == "signature" and url.values[name]]:
        return Mistake(1, f"The signature is called {ways.shown(named[0])}; its name is signature, in small letters.")
    return Mistake(
        1,
        "There is no signature, and an unsigned return is always refused. Juspay signs once a response key exists and"
        " signed responses are switched on at its dashboard (Settings > General).",
    )


def _forbidden(url: _Url) -> Sequence[Mistake]:
    """Why a URL is refused whose signature fits."""
    said = url.values.get("signature_algorithm")
    if said is None:
        return (Mistake(6, f"signature_algorithm is missing; it must be {ALGORITHM}"),)
    if said != ALGORITHM:
        return (Mistake(6, f"signature_algorithm is {ways.shown(said)}; it must be {ALGORITHM}"),)
    return ()


def _is_taken(verifier: ReturnUrlVerifier, url: _Url) -> bool:
    try:
        verifier.verify(url.given)
    except PaystateError:
        return False
    return True


def _key_that_fits(url: _Url, response_keys: Sequence[str]) -> str:
    """Which of several it is, newest first."""
    numbers = (n for n, key in enumerate(response_keys, 1) if _is_taken(ReturnUrlVerifier([key]), url))
    number = next(numbers, 0) if len(response_keys) > 1 else 0
    return f"with key {number} of {len(response_keys)}" if number else ""


# --- which way the other side went


def _fits(url: _Url, response_keys: Sequence[str]) -> list[tuple[Mistake, ...]]:
    """The mistakes with which the signature is right: none, or the fewest there are, in each way that we know."""
    choices: list[list[Way[Any]]] = [
        [*ways.parameters(url.query, url.given)],
        [*ways.ALPHABETS],
        [*ways.INNER],
        [*ways.ORDERS],
        [*ways.OUTER],
        [*ways.keys(response_keys)],
        [*_tags(url)],
    ]
    return fewest_mistakes(choices, _is_made_by)


def _tags(url: _Url) -> Iterator[Way[bytes]]:
    for way in ways.tags(url.values["signature"]):
        digest = _DIGESTS.get(len(way.does))
        if digest and len(way.does) != _RIGHT_LENGTH and not way.mistake:
            yield Way(way.does, Mistake(6, f"the HMAC is made with {digest.upper()}; it must be SHA-256"))
        elif digest:
            yield way


def _is_made_by(
    parameters: Pairs, alphabet: tuple[Encode, Encode], inner: int, order: Any, outer: int, key: bytes, tag: bytes
) -> bool:
    once, again = alphabet
    try:
        text = _joined(order(_encoded(parameters, once if inner else str)))
        for _ in range(outer):
            text = again(text)
        made = hmac.digest(key, text.encode("utf-8"), _DIGESTS[len(tag)])
    except UnicodeEncodeError:
        return False
    return hmac.compare_digest(made, tag)


def _encoded(pairs: Pairs, encoded: Encode) -> Pairs:
    return tuple((encoded(name), encoded(value)) for name, value in pairs)


def _joined(pairs: Pairs) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


# --- how it is told


_NOTHING_FITS: Final = (
    "The signature fits in no way that we know. It was made with another response key, or something was changed, added"
    " or taken out on the way: compare the texts of steps 4 and 5 with the other side's."
)


def _ours(url: _Url) -> Mapping[int, str]:
    signed = ways.without_own(url.given)
    return {
        1: _listed(name for name, _ in signed),
        4: _joined(tuple(sorted(_encoded(signed, form_encoded)))),
        5: signed_string(signed),
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(ways.shown, names)) or "none"


def _conclusion(fits: Sequence[Sequence[Mistake]], forbidden: Sequence[Mistake]) -> str:
    if not fits[0] and not forbidden:
        return "The signature is right. The status beside it is still only a hint."
    if not fits[0]:
        return f"The signature is right, but the URL is still refused: {forbidden[0].message}."
    besides = "".join(f" Besides, {mistake.message}." for mistake in forbidden)
    return f"{where_they_part(fits)}{besides}"
