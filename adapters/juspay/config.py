"""What is needed to speak for one merchant, and the bounds of each setting.

The key is never shown, copied into a second place, or pickled.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from attrs import Attribute, field, frozen

from paystate.core.text import is_visible_ascii
from paystate.core.urls import checked_origin

__all__ = ["JuspayConfig"]


def _origins(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(checked_origin, urls))


def _visible(_: object, attribute: Attribute[str], value: str) -> None:
    if not is_visible_ascii(value):
        raise ValueError(f"{attribute.name} must be visible ASCII")


def _positive(_: object, attribute: Attribute[Any], value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} must be above zero")


def _not_negative(_: object, attribute: Attribute[Any], value: float) -> None:
    if not value >= 0:
        raise ValueError(f"{attribute.name} must not be negative")


@frozen(kw_only=True)
class JuspayConfig:
    """One merchant's account, and how long and how often a call is tried; times in seconds.

    Attributes:
        base_url: An origin, `https` unless it is loopback; credentials go nowhere else.
        allowed_origins: Where given, `base_url` must be one of them. Payment links may point to them too.
        client_id: `payment_page_client_id`.
        version: Shapes the answers (gateway contract, A.3, a decision).
        connect_timeout_s: For a free connection, for a new one, and for its TLS handshake: each.
        read_timeout_s: Longest silence in a read; `write_timeout_s` in a call that changes something.
        total_timeout_s: For the whole call, repeated reads and waits included.
        read_retries: How often a read without a usable answer is repeated.
        waits_out_429: Whether a read waits as long as a 429 asks and is repeated; False where the caller
            slows all its calls down.

    Raises:
        ValueError: A value is out of its range; the text names the field, never its content.
    """

    base_url: str = field(converter=checked_origin)
    merchant_id: str = field(validator=_visible)
    client_id: str = field(validator=_visible)
    api_key: str = field(repr=False, validator=_visible)
    version: str = field(default="2023-06-30", validator=_visible)
    allowed_origins: tuple[str, ...] = field(default=(), converter=_origins)
    connect_timeout_s: float = field(default=3.0, validator=_positive)
    read_timeout_s: float = field(default=10.0, validator=_positive)
    write_timeout_s: float = field(default=20.0, validator=_positive)
    total_timeout_s: float = field(default=25.0, validator=_positive)
    answer_bytes_max: int = field(default=2 * 1024 * 1024, validator=_positive)
    read_retries: int = field(default=1, validator=_not_negative)
    retry_delay_s: float = field(default=0.2, validator=_not_negative)
    waits_out_429: bool = True

    def __attrs_post_init__(self) -> None:
        if self.allowed_origins and self.base_url not in self.allowed_origins:
            raise ValueError("base_url is not among the allowed origins")

    def __copy__(self) -> JuspayConfig:
        return self

    def __deepcopy__(self, _: object) -> JuspayConfig:
        return self

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a configuration holds a key, and is not pickled")
