"""The goals for signing and sealing: what is spent beyond the one RSA signature that nobody can do without.

Owns what is measured and against what. Keys are made once; a key is never parsed inside the clock.
"""

from bench.measuring import Case, Goal, Result, measured
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.adapters.signing.keyring import JuspayKey, KeyRing, KeyState, SigningKey
from paystate.adapters.signing.rsa import RsaSigner

SIGNED_MOST = 1.1
SEALED_MOST = 1.6

ORDER_DETAILS = (
    '{"merchant_id":"teashop","order_id":"tea-041","amount":"120.50","customer_id":"asha",'
    '"customer_email":"asha@example.com","customer_phone":"9000012345","timestamp":"1773479096000",'
    '"return_url":"https://pay.example.com/return/teashop"}'
)
"""A process payload of the usual length."""


def _goals(key: RSAPrivateKey) -> list[Goal]:
    ring = KeyRing([SigningKey(key_id="key_ours", state=KeyState.ACTIVE, private_key=key)])
    juspay = generate_private_key(65537, 2048).public_key()
    envelope = JwtEnvelope(ring, [JuspayKey(key_id="key_juspay", public_key=juspay)])
    signer = RsaSigner(ring)
    body = ORDER_DETAILS.encode()
    bare = Case(lambda: body, lambda message: key.sign(message, PKCS1v15(), SHA256()))
    return [
        Goal("K1", "a signed payload / one bare RSA signature of the same text",
             Case(lambda: ORDER_DETAILS, signer.sign), bare, at_most=SIGNED_MOST),
        Goal("K2", "a body signed and encrypted (JWT mode) / one bare RSA signature of the same text",
             Case(lambda: body, envelope.seal), bare, at_most=SEALED_MOST),
    ]  # fmt: skip


def results(*, rounds: int, repeats: int) -> list[Result]:
    """Measure both in one run."""
    return measured(_goals(generate_private_key(65537, 2048)), rounds=rounds, repeats=repeats)
