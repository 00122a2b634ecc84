"""For a receiver in Python: whether a webhook is ours, and what it says."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from paystate.core.errors import SignatureInvalid


def verified_event(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> dict[str, Any]:
    """Return the event in a webhook, by the Standard Webhooks text.

    Args:
        body: As it came, byte for byte; a body that was parsed and written anew has another signature.
        headers: Names in any case.
        secrets: `whsec_` and base64; several while they change.

    Raises:
        SignatureInvalid: It is not signed with any of them, its headers are not as they should be, or it was sent more
            than five minutes ago or hence.
    """
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError, binascii.Error):  # the library lets malformed headers through
            continue
        event: dict[str, Any] = json.loads(body)
        return event
    raise SignatureInvalid("the webhook is not signed with any of the secrets, or too old")
