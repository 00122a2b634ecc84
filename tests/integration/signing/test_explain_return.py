"""What is said of a return URL whose signature is not ours: every mistake by its own case, and no secret in any."""

import base64
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paystate.adapters.signing.diagnose.return_url import STEPS, explain_return
from paystate.adapters.signing.diagnose.search import Explanation, Verdict
from paystate.adapters.signing.return_url import (
    CHARACTERS_MAX,
    PARAMETERS_MAX,
    form_encoded,
    rfc3986_encoded,
    signed_string,
)

KEY = "SBX-RESPONSE-KEY-0001"
PARAMETERS = {
    "status": "AUTHORIZATION_FAILED",
    "status_id": "27",
    "order_id": "ord7f3a91c2",
    "cart": "blue shirt/2",
    "Ref": "it's (a*b)~",
    "note": "",
    "name": unicodedata.normalize("NFC", "caf\u00e9"),
}
Encode = Callable[[str], str]


def text_of(
    parameters: Iterable[tuple[str, str]] = PARAMETERS.items(),
    *,
    inner: Encode = form_encoded,
    outer: Encode = form_encoded,
    order: Any = lambda pair: pair[0],
) -> str:
    """The text that is signed, made another way than in the code that is tested."""
    pairs = [(inner(name), inner(value)) for name, value in parameters]
    return outer("&".join(f"{name}={value}" for name, value in (sorted(pairs, key=order) if order else pairs)))


def tag_over(text: str, key: bytes = KEY.encode(), digest: str = "sha256") -> bytes:
    return hmac.digest(key, text.encode(), digest)


def url_of(signature: str, parameters: dict[str, str] = PARAMETERS, algorithm: str | None = "HMAC-SHA256") -> str:
    own = {"signature": signature} | ({"signature_algorithm": algorithm} if algorithm is not None else {})
    return f"https://pay.example.com/return/teashop?{urlencode(parameters | own)}#top"


def signed_over(text: str) -> str:
    return url_of(base64.b64encode(tag_over(text)).decode())


def parts_at(found: Explanation) -> list[int]:
    """The steps that differ, but for the comparison at the end."""
    return [step.number for step in found.steps if step.verdict is Verdict.DIFFERS and step.number < len(STEPS)]


def plain(text: str) -> str:
    return text


def in_small(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), form_encoded(text))


def rfc3986_in_small(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), rfc3986_encoded(text))


def javascript(text: str) -> str:
    return quote(text, safe="!*'()~")


def php(text: str) -> str:
    return quote_plus(text).replace("~", "%7E")


def by_code(text: str) -> str:
    return form_encoded(text).replace("+", "%20")


def without(*names: str) -> list[tuple[str, str]]:
    return [pair for pair in PARAMETERS.items() if pair[0] not in names]


def changed(how: Encode) -> list[tuple[str, str]]:
    return [(how(name), how(value)) for name, value in PARAMETERS.items()]


TEXTS: list[tuple[str, str, list[int]]] = [
    ("the joined text is not encoded once more", text_of(outer=plain), [5]),
    ("the joined text is encoded twice more", text_of(outer=lambda text: form_encoded(form_encoded(text))), [5]),
    ("not encoded before they are joined", text_of(inner=plain), [2]),
    ("before they are joined and the joined text is not", text_of(inner=plain, outer=plain), [2, 5]),
    ("percent codes are in small letters", text_of(inner=in_small, outer=in_small), [2]),
    ("capitals are needed", text_of(inner=rfc3986_in_small, outer=rfc3986_in_small), [2]),
    ("the whole as RFC 3986 says", text_of(inner=form_encoded, outer=rfc3986_encoded), [2]),
    ("the whole as in a form", text_of(inner=rfc3986_encoded, outer=form_encoded), [2]),
    ("encodeURIComponent", text_of(inner=javascript, outer=javascript), [2]),
    ("PHP's urlencode", text_of(inner=php, outer=php), [2]),
    ("Python's quote_plus", text_of(inner=quote_plus, outer=quote_plus), [2]),
    ("Python's quote, which leaves /", text_of(inner=quote, outer=quote), [2]),
    ("but with %20 for a space", text_of(inner=by_code, outer=by_code), [2]),
    ("in the order in which they came", text_of(order=None), [3]),
    ("whatever the case of letters", text_of(order=lambda pair: pair[0].lower()), [3]),
    ("signature_algorithm is signed", text_of([*PARAMETERS.items(), ("signature_algorithm", "HMAC-SHA256")]), [1]),
    ("cart is not signed", text_of(without("cart")), [1]),
    ("only Juspay's own", text_of(without("cart", "Ref", "note", "name")), [1]),
    ("not decoded", text_of(changed(quote_plus)), [1]),
    ("a + is read as a plus", text_of(changed(lambda text: text.replace(" ", "+"))), [1]),
    ("Unicode NFD", text_of(changed(lambda text: unicodedata.normalize("NFD", text))), [1]),
]


@pytest.mark.parametrize(("message", "text", "steps"), TEXTS, ids=[says for says, _, _ in TEXTS])
def test_each_mistake_in_the_text_is_found_at_its_step(message: str, text: str, steps: list[int]) -> None:
    found = explain_return(signed_over(text), [KEY])
    assert message in found.conclusion
    assert (steps, False) == (parts_at(found), found.is_good)


@pytest.mark.parametrize(
    ("message", "parameters", "signed"),
    [
        ("Unicode NFC", {"name": "cafe\u0301"}, {"name": "caf\u00e9"}),
        ("decoded twice", {"ref": "50%25 off"}, {"ref": "50% off"}),
        ("white space around", {"ref": " a "}, {"ref": "a"}),
        ("by name=value", {"a": "1", "a-b": "2"}, None),
        ("by their plain names", {"a b": "1", "a!": "2"}, None),
    ],
)
def test_each_mistake_that_needs_odd_parameters_is_found(
    message: str, parameters: dict[str, str], signed: dict[str, str] | None
) -> None:
    order: dict[str, Any] = {"by name=value": "=".join, "by their plain names": lambda pair: unquote_plus(pair[0])}
    text = text_of((signed or parameters).items(), order=order.get(message, lambda pair: pair[0]))
    found = explain_return(url_of(base64.b64encode(tag_over(text)).decode(), parameters), [KEY])
    assert message in found.conclusion


def test_empty_parameters_that_are_left_out_are_told_of_as_either_of_two_things() -> None:
    found = explain_return(signed_over(text_of(without("note"))), [KEY])
    assert "empty parameters are left out; or: note is not signed" in found.conclusion


TAG = tag_over(text_of())
SLASHED = next(
    (parameters, tag)
    for n in range(99)
    if "/" in base64.b64encode(tag := tag_over(text_of((parameters := PARAMETERS | {"n": str(n)}).items()))).decode()
)


@pytest.mark.parametrize(
    ("message", "parameters", "signature"),
    [
        ("written in hex", PARAMETERS, TAG.hex()),
        ("written in hex", PARAMETERS, TAG.hex().upper()),
        ("- and _ for + and /", SLASHED[0], base64.urlsafe_b64encode(SLASHED[1]).decode()),
        ("no = at its end", PARAMETERS, base64.b64encode(TAG).decode().rstrip("=")),
        ("white space within", PARAMETERS, base64.b64encode(TAG).decode() + "\n"),
        ("more than twice", PARAMETERS, quote(quote(base64.b64encode(TAG).decode(), safe=""))),
        ("the base64 of hex digits", PARAMETERS, base64.b64encode(TAG.hex().encode()).decode()),
    ],
)
def test_each_other_spelling_of_the_signature_is_found(
    message: str, parameters: dict[str, str], signature: str
) -> None:
    found = explain_return(url_of(signature, parameters), [KEY])
    assert message in found.conclusion
    assert ([7], False) == (parts_at(found), found.is_good)


@pytest.mark.parametrize(
    ("message", "tag"),
    [
        ("made with SHA1", tag_over(text_of(), digest="sha1")),
        ("made with SHA512", tag_over(text_of(), digest="sha512")),
        ("white space at its end", tag_over(text_of(), f"{KEY}\n".encode())),
    ],
)
def test_another_digest_or_key_is_found(message: str, tag: bytes) -> None:
    found = explain_return(url_of(base64.b64encode(tag).decode()), [KEY])
    assert message in found.conclusion
    assert ([6], False) == (parts_at(found), found.is_good)


@pytest.mark.parametrize(
    ("key", "used"),
    [("92206A0A4A75499C9B11206C2B3B9A53", "hex"), ("c2VjcmV0LWtleS0xMjM0NQ==", "base64"), (" spaced ", "stripped")],
)
def test_a_key_that_is_decoded_or_cut_is_found(key: str, used: str) -> None:
    ways: dict[str, Callable[[str], bytes]] = {
        "hex": bytes.fromhex, "base64": base64.b64decode, "stripped": lambda text: text.strip().encode()
    }  # fmt: skip
    url = url_of(base64.b64encode(tag_over(text_of(), ways[used](key))).decode())
    assert [6] == parts_at(explain_return(url, [key]))


# --- what is right


@pytest.mark.parametrize("encoded", [form_encoded, rfc3986_encoded])
def test_both_whole_forms_are_right(encoded: Encode) -> None:
    found = explain_return(signed_over(signed_string(PARAMETERS.items(), encoded)), [KEY])
    assert ([Verdict.SAME] * 8, True) == ([step.verdict for step in found.steps], found.is_good)
    assert "The signature is right." in found.conclusion


def test_a_signature_that_is_encoded_twice_is_right() -> None:
    assert explain_return(url_of(quote_plus(base64.b64encode(TAG).decode())), [KEY]).is_good


def test_our_own_texts_are_shown_to_compare_with() -> None:
    ours = {step.number: step.ours for step in explain_return(signed_over("another text"), [KEY]).steps}
    assert (text_of(outer=plain), text_of()) == (ours[4], ours[5])


@pytest.mark.parametrize("text", ["{}", "  {}\n", '"{}"', "<{}>"])
def test_an_address_is_taken_as_people_paste_it(text: str) -> None:
    assert explain_return(text.format(signed_over(text_of())), [KEY]).is_good


def test_a_query_or_a_form_alone_is_enough() -> None:
    query = signed_over(text_of()).partition("?")[2].partition("#")[0]
    assert explain_return(query, [KEY]).is_good


def test_which_of_several_keys_it_was_is_told() -> None:
    ours = {step.number: step.ours for step in explain_return(signed_over(text_of()), ["new", KEY, "old"]).steps}
    assert "with key 2 of 3" == ours[6]


# --- what cannot be compared


@pytest.mark.parametrize(
    ("message", "url", "keys", "step"),
    [
        ("fits in no way", signed_over("another text"), [KEY], 8),
        ("fits in no way", signed_over(text_of()), ["another key"], 8),
        ("order_id comes more than once", f"{signed_over(text_of()).partition('#')[0]}&order_id=x", [KEY], 1),
        ("There is no signature", "https://pay.example.com/return/teashop?order_id=1&status=CHARGED", [KEY], 1),
        ("There is no signature", url_of(""), [KEY], 1),
        ("The signature is called Signature", "?order_id=1&Signature=abc", [KEY], 1),
        ("There is no response key", signed_over(text_of()), [], 6),
        ("The signature cannot be read", url_of("c2hvcnQ="), [KEY], 7),
        ("&amp;", signed_over(text_of()).replace("&", "&amp;"), [KEY], 1),
        ("There is no signature", "https://pay.example.com/return/teashop", [KEY], 1),
        ("There is no signature", "", [KEY], 1),
        ("not a list of name=value", "?order_id=%FF", [KEY], 1),
        ("not a list of name=value", "some words", [KEY], 1),
        ("too many parameters", url_of("x", {f"p{n}": "" for n in range(PARAMETERS_MAX)}), [KEY], 1),
        ("they are too long", url_of("x", {"p": "x" * CHARACTERS_MAX}), [KEY], 1),
    ],
)
def test_where_nothing_can_be_compared_it_says_why(message: str, url: str, keys: list[str], step: int) -> None:
    found = explain_return(url, keys)
    assert message in found.conclusion
    assert (False, [step]) == (
        found.is_good, [one.number for one in found.steps if one.verdict is Verdict.DIFFERS],
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", [None, "", "none", "HMAC-SHA1", "hmac-sha256"])
def test_a_right_signature_with_another_algorithm_s_name_is_refused_for_that(algorithm: str | None) -> None:
    found = explain_return(url_of(base64.b64encode(TAG).decode(), algorithm=algorithm), [KEY])
    assert "still refused: signature_algorithm" in found.conclusion
    assert ([6], False) == (parts_at(found), found.is_good)


def test_another_algorithm_s_name_is_told_beside_a_mistake() -> None:
    text = text_of(outer=plain)
    found = explain_return(url_of(base64.b64encode(tag_over(text)).decode(), algorithm="none"), [KEY])
    assert [5, 6] == parts_at(found)
    assert "Besides, signature_algorithm is none" in found.conclusion


@pytest.mark.parametrize("keys", [["a", "b", "c", "d"], [""]])
def test_keys_that_the_service_would_not_take_are_not_taken(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="response keys"):
        explain_return(signed_over(text_of()), keys)


# --- secrets


def spellings_of(secret: bytes) -> set[str]:
    """Every way in which it might stand in a text."""
    encoded = {base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode(), secret.hex()}
    encoded |= {quote(text, safe="") for text in encoded} | {quote(quote(text, safe=""), safe="") for text in encoded}
    return {text.lower() for text in encoded | {secret.decode("utf-8", "replace")}}


@pytest.mark.parametrize(
    "url",
    [
        *[signed_over(text) for _, text, _ in TEXTS],
        signed_over(text_of()),
        signed_over("another text"),
        url_of(TAG.hex()),
        url_of(base64.b64encode(TAG).decode(), algorithm="none"),
        url_of(base64.b64encode(TAG).decode()) + "&order_id=x",
        url_of("").replace("signature=", f"Signature={quote(base64.b64encode(TAG).decode())}"),
        url_of("A" * 43 + "="),
    ],
)
def test_neither_the_key_nor_any_right_digest_is_ever_told(url: str) -> None:
    found = explain_return(url, [KEY, "another key"])
    told = f"{found!r} {found.conclusion} {found.steps}".lower()
    digests = [tag_over(text, key.encode()) for _, text, _ in TEXTS for key in (KEY, "another key")]
    rights = [tag_over(text_of(), key.encode()) for key in (KEY, "another key")]
    for secret in (KEY.encode(), b"another key", *rights, *digests):
        assert not [spelling for spelling in spellings_of(secret) if spelling in told]


def test_a_name_that_would_move_the_cursor_is_shown_without() -> None:
    url = f"?a%1B%5B2J={'x' * 9}&a%1B%5B2J=y&signature=x"
    assert "\x1b" not in repr(explain_return(url, [KEY]).conclusion)
    assert "a\ufffd[2J comes more than once" in explain_return(url, [KEY]).conclusion


# --- it agrees with the service

words = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=&%+ *~/"), max_size=6)
queries = st.dictionaries(words, words, min_size=1, max_size=4)


@given(queries, st.sampled_from([form_encoded, rfc3986_encoded, quote_plus, quote, plain]))
def test_what_it_finds_right_is_what_the_service_takes(parameters: dict[str, str], encoded: Encode) -> None:
    parameters = {f"p{name}": value for name, value in parameters.items()}
    text = text_of(parameters.items(), inner=encoded, outer=encoded)
    found = explain_return(url_of(base64.b64encode(tag_over(text)).decode(), parameters), [KEY])
    right = {signed_string(parameters.items(), one) for one in (form_encoded, rfc3986_encoded)}
    assert (text in right) == found.is_good == all(step.verdict is Verdict.SAME for step in found.steps)
