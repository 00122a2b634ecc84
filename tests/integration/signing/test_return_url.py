"""The return URL's signature: published answers, and everything that must be refused."""

import base64
import hashlib
import hmac
import inspect
import re
import string
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paystate.adapters import signing
from paystate.adapters.signing import return_url
from paystate.adapters.signing.return_url import (
    CHARACTERS_MAX,
    PARAMETERS_MAX,
    ReturnUrlVerifier,
    form_encoded,
    rfc3986_encoded,
    signed_string,
)
from paystate.core.errors import PaystateError, SignatureInvalid, ValueInvalid
from paystate.core.ports.signing import ReturnVerifier

KEY = "SBX-RESPONSE-KEY-0001"
PLAIN = {"order_id": "ord7f3a91c2", "status": "CHARGED", "status_id": "21"}
PLAIN_TAG = "5s4UldNHiPPqZsE6ojCEYgCE4oJNQFGCwzVE7nDJYOo="
EXTRA = {
    "order_id": "ord7f3a91c2",
    "status": "AUTHORIZATION_FAILED",
    "status_id": "27",
    "cart": "blue shirt/2",
    "ref": "YWJjZA==",
}
EXTRA_TAG = "eextbklb4T6RTLyOXJ4g4couqR3/Bqy2gfEdqKRht18="
JUSPAY_S = {
    "myQP": "aGVsbG9Xb3JsZA==",
    "order_id": "order_1727694028",
    "status": "AUTHORIZATION_FAILED",
    "status_id": "27",
}
JUSPAY_S_KEY = "92206A0A4A75499C9B11206C2B3B9A53"
JUSPAY_S_TAG = "8Esx2nrz3KE059rdsTkffYKu6AXXk07KzBo3KOexl3I="

VECTORS = pytest.mark.parametrize(
    ("key", "parameters", "tag"),
    [(KEY, PLAIN, PLAIN_TAG), (KEY, EXTRA, EXTRA_TAG), (JUSPAY_S_KEY, JUSPAY_S, JUSPAY_S_TAG)],
    ids=["plain", "extra", "published"],
)


def signed(parameters: dict[str, str], tag: str, algorithm: str = "HMAC-SHA256") -> list[tuple[str, str]]:
    return [*parameters.items(), ("signature", tag), ("signature_algorithm", algorithm)]


def verify(parameters: list[tuple[str, str]], *keys: str) -> dict[str, str]:
    return dict(ReturnUrlVerifier(keys or (KEY,)).verify(parameters))


def refused(parameters: list[tuple[str, str]], *keys: str) -> bool:
    with pytest.raises((SignatureInvalid, ValueInvalid)):
        verify(parameters, *keys)
    return True


def tag_over(message: str, key: str = KEY) -> str:
    """What another program makes of a message: the standard library's HMAC."""
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def port(verifier: ReturnUrlVerifier) -> ReturnVerifier:
    """Let the type checkers see that the port is met."""
    return verifier


# --- known answers


@VECTORS
def test_known_answers(key: str, parameters: dict[str, str], tag: str) -> None:
    assert verify(signed(parameters, tag), key) == parameters


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (PLAIN, "order_id%3Dord7f3a91c2%26status%3DCHARGED%26status_id%3D21"),
        (
            EXTRA,
            (
                "cart%3Dblue%2Bshirt%252F2%26order_id%3Dord7f3a91c2%26ref%3DYWJjZA%253D%253D"
                "%26status%3DAUTHORIZATION_FAILED%26status_id%3D27"
            ),
        ),
    ],
    ids=["plain", "extra"],
)
def test_the_signed_string(parameters: dict[str, str], message: str) -> None:
    assert signed_string(parameters.items()) == message


@VECTORS
def test_the_order_of_parameters_does_not_matter(key: str, parameters: dict[str, str], tag: str) -> None:
    assert verify(signed(parameters, tag)[::-1], key) == parameters


@VECTORS
@pytest.mark.parametrize("times", [0, 1])
def test_a_url_whose_signature_is_encoded_once_or_twice(
    key: str, parameters: dict[str, str], tag: str, times: int
) -> None:
    for encoded in (quote_plus, lambda text: quote(text, safe=""), lambda text: text.replace("=", "%3d")):
        once = encoded(tag) if times else tag
        query = "&".join(f"{name}={quote_plus(value)}" for name, value in signed(parameters, once))
        assert verify(parse_qsl(query), key) == parameters


def test_a_plus_that_was_taken_for_a_space_is_put_back() -> None:
    serial = next(n for n in range(99) if "+" in tag_over(signed_string([("n", str(n))])))
    parameters = {"n": str(serial)}
    tag = tag_over(signed_string(parameters.items()))
    assert verify(signed(parameters, tag.replace("+", " "))) == parameters
    assert verify(signed(parameters, quote(tag))) == parameters


ODD = "a b*c~d'e(f)!g%h&i=j/k?l+m@n\x00o\u00e9\u0939"


@pytest.mark.parametrize("encoded", [form_encoded, rfc3986_encoded])
def test_both_whole_forms_are_taken(encoded: Callable[[str], str]) -> None:
    parameters = {"order_id": "o1", ODD: ODD, "empty": ""}
    tag = tag_over(signed_string(parameters.items(), encoded))
    assert verify(signed(parameters, tag)) == parameters


def test_a_mixture_of_the_forms_is_refused() -> None:
    parameters = {"order_id": "o1", "cart": "a b*c~d"}
    inner = "&".join(sorted(f"{form_encoded(n)}={form_encoded(v)}" for n, v in parameters.items()))
    message = rfc3986_encoded(inner.replace("+", "%20"))
    assert refused(signed(parameters, tag_over(message)))


@pytest.mark.parametrize(
    ("character", "form", "rfc"),
    [
        (" ", "+", "%20"),
        ("*", "*", "%2A"),
        ("~", "%7E", "~"),
        ("'", "%27", "%27"),
        ("+", "%2B", "%2B"),
        ("é", *["%C3%A9"] * 2),
    ],
)
def test_how_characters_are_encoded(character: str, form: str, rfc: str) -> None:
    assert (form_encoded(character), rfc3986_encoded(character)) == (form, rfc)


# --- changes


def texts_one_off(text: str) -> list[str]:
    others = string.ascii_letters + string.digits + string.punctuation + "\x00é"
    changed = [text[:i] + c + text[i + 1 :] for i in range(len(text)) for c in others if c != text[i]]
    shorter = [text[:i] + text[i + 1 :] for i in range(len(text))]
    longer = [text[:i] + c + text[i:] for i in range(len(text) + 1) for c in "A=%0"]
    return changed + shorter + longer


def test_every_change_of_one_character_of_the_signature_is_refused() -> None:
    verifier = ReturnUrlVerifier([KEY])
    candidates = texts_one_off(PLAIN_TAG)
    for changed in candidates:
        with pytest.raises(SignatureInvalid):
            verifier.verify(signed(PLAIN, changed))
    assert len(candidates) > 4000


def test_every_single_bit_of_the_tag_counts() -> None:
    tag = base64.b64decode(PLAIN_TAG)
    for bit in range(256):
        flipped = (int.from_bytes(tag, "big") ^ (1 << bit)).to_bytes(32, "big")
        assert refused(signed(PLAIN, base64.b64encode(flipped).decode()))


@pytest.mark.parametrize("name", PLAIN)
def test_every_change_of_one_character_of_a_value_is_refused(name: str) -> None:
    verifier = ReturnUrlVerifier([KEY])
    for changed in texts_one_off(PLAIN[name]):
        with pytest.raises(SignatureInvalid):
            verifier.verify(signed(PLAIN | {name: changed}, PLAIN_TAG))


@pytest.mark.parametrize(
    "changed",
    [
        PLAIN | {"status": "NEW"},
        PLAIN | {"order_id": "ORD7F3A91C2"},
        PLAIN | {"extra": ""},
        {name: value for name, value in PLAIN.items() if name != "status_id"},
        {"order_id": PLAIN["order_id"], "Status": "CHARGED", "status_id": "21"},
        {"order_id": "ord7f3a91c2&status=CHARGED", "status_id": "21"},
        {"order_id": "ord7f3a91c2&status=CHARGED&status_id=21"},
        {"order_id=ord7f3a91c2&status": "CHARGED", "status_id": "21"},
        {},
    ],
    ids=str,
)
def test_an_added_removed_renamed_or_glued_parameter_is_refused(changed: dict[str, str]) -> None:
    assert refused(signed(changed, PLAIN_TAG))


@pytest.mark.parametrize("name", ["order_id", "status", "signature", "signature_algorithm"])
@pytest.mark.parametrize("same", [True, False])
def test_a_parameter_that_comes_twice_is_refused_whatever_it_says(name: str, same: bool) -> None:
    once = signed(PLAIN, PLAIN_TAG)
    with pytest.raises(ValueInvalid) as caught:
        verify([*once, (name, dict(once)[name] if same else "other")])
    assert caught.value.code == "duplicate_parameter"


def test_unicode_is_not_normalised() -> None:
    composed = {"order_id": "o1", "name": unicodedata.normalize("NFC", "café")}
    tag = tag_over(signed_string(composed.items()))
    assert verify(signed(composed, tag)) == composed
    assert refused(signed(composed | {"name": unicodedata.normalize("NFD", "café")}, tag))


def test_a_lone_surrogate_is_refused() -> None:
    assert refused(signed({"order_id": "\ud800"}, PLAIN_TAG))
    assert refused(signed(PLAIN, "\ud800" + PLAIN_TAG[1:]))


# --- signatures that are none


RAW = base64.b64decode(PLAIN_TAG)


@pytest.mark.parametrize(
    "tag",
    [
        *["", " ", "=", "%", "%3D", PLAIN_TAG[:-1], PLAIN_TAG[:22], PLAIN_TAG * 2, PLAIN_TAG + "\n", "\n" + PLAIN_TAG],
        *[RAW.hex(), RAW.hex().upper(), base64.b32encode(RAW).decode(), base64.b64encode(RAW[:16]).decode()],
        *[base64.b64encode(RAW + b"\x00").decode(), quote(quote(quote(PLAIN_TAG))), PLAIN_TAG.lower()],
        *[PLAIN_TAG[:-2] + "p=", PLAIN_TAG.replace("=", "\uff1d")],
    ],
)
def test_another_spelling_of_the_signature_is_refused(tag: str) -> None:
    assert refused(signed(PLAIN, tag))


def test_the_url_safe_alphabet_is_refused() -> None:
    assert "/" in EXTRA_TAG
    assert refused(signed(EXTRA, EXTRA_TAG.replace("/", "_")))


def test_a_missing_signature_is_refused() -> None:
    assert refused(list(PLAIN.items()))
    assert refused([*PLAIN.items(), ("signature_algorithm", "HMAC-SHA256")])
    assert refused([*PLAIN.items(), ("signature", PLAIN_TAG)])
    assert refused([])


@pytest.mark.parametrize(
    "algorithm", ["", "none", "HMAC-SHA1", "HMAC-SHA512", "hmac-sha256", "HMAC-SHA256 ", "HMAC SHA256", "HMAC%2DSHA256"]
)
def test_another_algorithm_is_refused(algorithm: str) -> None:
    assert refused(signed(PLAIN, PLAIN_TAG, algorithm))


def test_other_ways_of_making_the_string_are_refused() -> None:
    joined = "&".join(f"{name}={value}" for name, value in sorted(EXTRA.items()))
    pairs = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in sorted(EXTRA.items()))
    for message in (joined, quote_plus(joined), quote(joined, safe=""), pairs, quote_plus(quote_plus(pairs))):
        assert refused(signed(EXTRA, tag_over(message)))
    assert verify(signed(EXTRA, tag_over(quote_plus(pairs)))) == EXTRA


@pytest.mark.parametrize("encoded", [form_encoded, rfc3986_encoded])
def test_percent_codes_in_small_letters_are_refused(encoded: Callable[[str], str]) -> None:
    message = signed_string(EXTRA.items(), encoded)
    small = re.sub("%..", lambda found: found[0].lower(), message)
    assert message != small
    assert refused(signed(EXTRA, tag_over(small)))


def test_the_raw_join_forgery_is_refused() -> None:
    glued = {"order_id": "A&status=CHARGED"}
    assert refused(signed(glued, tag_over(signed_string({"order_id": "A", "status": "CHARGED"}.items()))))
    assert refused(signed(glued, tag_over(quote_plus("order_id=A&status=CHARGED"))))


# --- keys and limits


def test_without_a_key_everything_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        ReturnUrlVerifier().verify(signed(PLAIN, PLAIN_TAG))
    with pytest.raises(SignatureInvalid):
        ReturnUrlVerifier().verify(signed(PLAIN, tag_over(signed_string(PLAIN.items()), "")))


def test_each_of_up_to_three_keys_is_good_and_no_other() -> None:
    for keys in ((KEY, "b", "c"), ("a", KEY, "c"), ("a", "b", KEY)):
        assert verify(signed(PLAIN, PLAIN_TAG), *keys) == PLAIN
    assert refused(signed(PLAIN, PLAIN_TAG), "a", "b", "c")
    assert refused(signed(PLAIN, PLAIN_TAG), KEY.lower())


@pytest.mark.parametrize("keys", [("a", "b", "c", "d"), ("",), ("a", "")])
def test_too_many_or_empty_keys_are_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="response keys"):
        ReturnUrlVerifier(keys)


def test_as_many_parameters_as_allowed_and_no_more() -> None:
    for count, good in ((PARAMETERS_MAX - 2, True), (PARAMETERS_MAX - 1, False), (10_000, False)):
        parameters = {f"p{n}": "" for n in range(count)}
        whole = signed(parameters, tag_over(signed_string(parameters.items())))
        assert (verify(whole) == parameters) if good else refused(whole)


def test_as_many_characters_as_allowed_and_no_more() -> None:
    rest = sum(len(name) + len(value) for name, value in signed({"p": ""}, PLAIN_TAG))
    for spare, good in ((0, True), (1, False)):
        parameters = {"p": "x" * (CHARACTERS_MAX - rest + spare)}
        whole = signed(parameters, tag_over(signed_string(parameters.items())))
        assert (verify(whole) == parameters) if good else refused(whole)


def test_the_key_is_in_no_spelling_and_no_error() -> None:
    verifier = ReturnUrlVerifier([KEY, JUSPAY_S_KEY])
    seen = f"{verifier!r} {verifier}"
    for wrong in ([], signed(PLAIN, ""), signed(PLAIN, JUSPAY_S_TAG), [("a", KEY)] * 2):
        with pytest.raises(PaystateError) as caught:
            verifier.verify(wrong)
        seen += f"{caught.value!r} {caught.value} {caught.value.args} {caught.value.__cause__!r}"
    assert not any(secret in seen for secret in (KEY, JUSPAY_S_KEY, PLAIN_TAG))


def test_secrets_are_compared_in_constant_time_only() -> None:
    assert "compare_digest" in inspect.getsource(return_url)
    folder = Path(inspect.getfile(signing)).parent
    compared = [
        line.strip()
        for path in sorted(folder.glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"[!=]=[^=].*authenticate\(|authenticate\(.*\)\s*[!=]=", line)
    ]
    assert compared == []


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_tag_of_another_length_is_refused(length: int) -> None:
    tag = return_url.authenticate(b"k", b"m")
    return_url.verify(b"k", b"m", tag)
    with pytest.raises(SignatureInvalid):
        return_url.verify(b"k", b"m", (tag * 2)[:length])


# --- properties


def stdlib_form(parameters: dict[str, str]) -> str:
    """The signed string, made another way: character by character, as Java's URLEncoder is described."""

    def encoded(text: str) -> str:
        kept = string.ascii_letters + string.digits + ".-*_"
        return "".join(
            c if c in kept else "+" if c == " " else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text
        )

    pairs = {encoded(name): encoded(value) for name, value in parameters.items()}
    return encoded("&".join(f"{name}={pairs[name]}" for name in sorted(pairs)))


words = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=&%+ *~/"), max_size=8)
queries = st.dictionaries(words, words, max_size=5)


@given(queries)
def test_the_string_equals_an_independent_one(parameters: dict[str, str]) -> None:
    assert signed_string(parameters.items()) == stdlib_form(parameters)


@given(queries, st.randoms())
def test_the_string_does_not_depend_on_the_order(parameters: dict[str, str], chance: object) -> None:
    shuffled = list(parameters.items())
    getattr(chance, "shuffle")(shuffled)  # noqa: B009
    for encoded in (form_encoded, rfc3986_encoded):
        assert signed_string(shuffled, encoded) == signed_string(parameters.items(), encoded)


@given(queries, queries)
def test_different_parameters_have_different_strings(one: dict[str, str], other: dict[str, str]) -> None:
    for encoded in (form_encoded, rfc3986_encoded):
        same = signed_string(one.items(), encoded) == signed_string(other.items(), encoded)
        assert same == (one == other)


@given(queries, st.sampled_from([form_encoded, rfc3986_encoded]))
def test_what_another_program_signs_is_taken(parameters: dict[str, str], encoded: Callable[[str], str]) -> None:
    own = {n: v for n, v in parameters.items() if n not in ("signature", "signature_algorithm")}
    assert verify(signed(own, tag_over(signed_string(own.items(), encoded)))) == own
