"""What is wrong with a text that is no readable key, and how to fix just that."""

from __future__ import annotations

from typing import Final

NEW_PAIR: Final = "make a new pair with `paystate keys new`, upload its public half to Juspay, and note its id here"

_ESCAPED: Final = rb"-----\n"
_DER: Final = b"\x30"
"""How every key in ASN.1 begins."""
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def wrong_with_private_key(text: bytes) -> tuple[str, str]:
    """Why `text` is no readable private key, and how to fix it."""
    if text.startswith(_DER) and b"-----" not in text:
        fix = "write it as PEM: `openssl pkey -inform DER -in KEY -out NEW`, then `chmod 600 NEW`, and name NEW here"
        return "no readable PEM private key, but perhaps one in DER, the binary form", fix
    if text.startswith(_UTF_16):
        return "no readable PEM private key: the file is UTF-16", "save it as plain ASCII or UTF-8"
    if _ESCAPED in text and text.count(b"\n") <= 1:
        fix = r"""put real line breaks: `printf '%b\n' "$(cat KEY)" > NEW`, then `chmod 600 NEW`, and name NEW here"""
        return r"no readable PEM private key: its line breaks are written as \n", fix
    if b"OPENSSH PRIVATE KEY-----" in text:
        return "a key of OpenSSH, where PEM is needed", "write it as PKCS#8: `ssh-keygen -p -m PKCS8 -f KEY`"
    if b"PRIVATE KEY-----" not in text and b"PUBLIC KEY-----" in text:
        return "a public key, where the private one is needed", "name the file of the private half"
    if b"PRIVATE KEY-----" not in text and b"CERTIFICATE-----" in text:
        return "a certificate, where the private key is needed", "name the file of its private key"
    if b"PRIVATE KEY-----" in text:
        fix = f"copy the whole file again, from its first to its last line; where it is lost, {NEW_PAIR}"
        return "no readable PEM private key: it is cut or damaged", fix
    return "no readable PEM private key", f"name the file that `paystate keys new` wrote, or {NEW_PAIR}"


ENCRYPTED: Final = (
    "encrypted, and no password was given",
    "take the password off: `openssl pkey -in KEY -out NEW`, then `chmod 600 NEW`, and name NEW here",
)
