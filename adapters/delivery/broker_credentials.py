"""The credentials of a NATS user: a signed token, and the key that answers the broker's challenge.

The file is what `nsc` and every NATS account service write. It is read here, since the client's own reader brings
another library for a signature that `cryptography` makes. Source: docs.nats.io, "Decentralized JWT Authentication", and
the text of github.com/nats-io/nkeys: base 32 of two prefix bytes, 32 bytes of seed, and CRC-16/XMODEM.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE_BYTES_MAX: Final = 64 * 1024
_PART: Final = r"-{{3,}}BEGIN {0}-{{3,}}\s+(\S+)\s+-{{3,}}END {0}-{{3,}}"
_JWT: Final = re.compile(_PART.format("NATS USER JWT"), re.ASCII)
_SEED: Final = re.compile(_PART.format("USER NKEY SEED"), re.ASCII)
_OF_A_USER: Final = "SU"
_RAW_BYTES: Final = 36


@frozen
class BrokerCredentials:
    """A user's token and key."""

    jwt: str = field(repr=False)
    seed: bytes = field(repr=False)

    def signed(self, nonce: str) -> bytes:
        """The answer to a challenge."""
        return base64.b64encode(Ed25519PrivateKey.from_private_bytes(self.seed).sign(nonce.encode()))


def read_credentials(text: str) -> BrokerCredentials:
    """Take the text of a credentials file apart; raises ValueError, whose text names nothing of it."""
    jwt, seed = _JWT.search(text), _SEED.search(text)
    if jwt is None or seed is None:
        raise ValueError("not a file of NATS credentials")
    return BrokerCredentials(jwt[1], _raw_seed(seed[1]))


def _raw_seed(text: str) -> bytes:
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raw = b""
    is_whole = len(raw) == _RAW_BYTES and binascii.crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")
    if not is_whole or not text.startswith(_OF_A_USER):
        raise ValueError("the seed is damaged, or not a user's")
    return raw[2:-2]
