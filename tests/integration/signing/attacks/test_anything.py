"""Whatever comes is refused in the same way, changed a little or of any bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.signing.attacks.forging import PAYLOAD, changed, refusal
from integration.signing.juspay_side import JWE_MEMBERS, JuspaySide, as_call, as_webhook, b64

from paystate.adapters.signing import jose
from paystate.adapters.signing.envelope import JwtEnvelope


@pytest.mark.parametrize("at", range(5))
def test_every_changed_symbol_of_a_token_is_refused(envelope: JwtEnvelope, juspay: JuspaySide, at: int) -> None:
    parts = juspay.told(b"{}")
    for place in range(0, len(parts[at]), max(1, len(parts[at]) // 60)):
        text = parts[at]
        other = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        refusal(envelope.open, as_call(changed(parts, at, other)))


TOKENS = st.lists(st.binary(max_size=300).map(b64) | st.text(max_size=20), max_size=7)
MEMBERS = st.dictionaries(
    st.sampled_from([*JWE_MEMBERS, "JWT", "x"]), st.text(max_size=300) | st.none() | st.integers()
)


@given(st.binary(max_size=2000) | MEMBERS.map(lambda found: json.dumps(found).encode()) | TOKENS.map(as_webhook))
def test_whatever_comes_is_refused_and_nothing_else_is_raised(envelope: JwtEnvelope, body: bytes) -> None:
    for opened in (envelope.open, envelope.open_webhook):
        refusal(opened, body)


@given(data=st.data())
def test_a_real_token_with_something_changed_is_refused(
    envelope: JwtEnvelope, juspay: JuspaySide, data: st.DataObject
) -> None:
    call = as_call(juspay.told(PAYLOAD))
    at = data.draw(st.integers(0, len(call) - 1))
    cut = call[:at] + data.draw(st.binary(max_size=3)) + call[at + data.draw(st.integers(0, 3)) :]
    try:
        same = json.loads(cut) == json.loads(call)
    except ValueError:
        same = False
    if not same:
        refusal(envelope.open, cut)


@pytest.mark.parametrize("sealed", [b"[" * 5_000_000, b'{"header":"' + b"A" * 5_000_000], ids=["brackets", "a text"])
def test_what_is_too_large_is_not_read(envelope: JwtEnvelope, sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Any:
        raise AssertionError

    monkeypatch.setattr(jose, "_object", never)
    for opened in (envelope.open, envelope.open_webhook):
        refusal(opened, sealed)
