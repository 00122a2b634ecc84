"""A certificate of the sandbox's own, for TLS on this machine: how it is made and how long it is kept."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509

_DAYS: Final = 30
_OWNER: Final = "Paystate sandbox"


@dataclass(frozen=True, slots=True)
class LocalCertificate:
    """Files of a certificate for localhost and 127.0.0.1; a client trusts `ca`."""

    certificate: Path
    key: Path
    ca: Path

    @property
    def lasts_until(self) -> datetime.datetime:
        """The instant after which nobody trusts it."""
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).not_valid_after_utc


def local_certificate(folder: Path) -> LocalCertificate:
    """Return a certificate for localhost and 127.0.0.1 in `folder`: the one there, or a new one for 30 days.

    The key of its authority is thrown away, so nothing else is ever signed with it.
    """
    files = LocalCertificate(folder / "localhost.pem", folder / "localhost.key", folder / "ca.pem")
    if not _lasts(files):
        _make_certificate(files)
    return files


def _lasts(files: LocalCertificate) -> bool:
    """Whether the files are there and are of use for another day."""
    if not all(path.exists() for path in (files.certificate, files.key, files.ca)):
        return False
    return files.lasts_until - datetime.datetime.now(datetime.UTC) > datetime.timedelta(days=1)


def _make_certificate(files: LocalCertificate) -> None:
    files.ca.parent.mkdir(parents=True, exist_ok=True)
    ca = trustme.CA(path_length=0, organization_name=_OWNER)
    ends_at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=_DAYS)
    leaf = ca.issue_cert("localhost", "127.0.0.1", organization_name=_OWNER, not_after=ends_at)
    leaf.cert_chain_pems[0].write_to_path(files.certificate)
    ca.cert_pem.write_to_path(files.ca)
    files.key.touch(mode=0o600)
    leaf.private_key_pem.write_to_path(files.key)
