"""What an installation can run with and should not: named with its place and the fix, and without any secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from attrs import define

from paystate.adapters.signing.rsa import new_key
from paystate.entrypoints.setup.credentials import Scope
from paystate.entrypoints.setup.settings import (
    BackendKey,
    EndpointSettings,
    JuspayKey,
    JwtSettings,
    MerchantSettings,
    Mode,
    Secret,
    Settings,
    SigningKey,
    StreamSettings,
    WebhookLogin,
)
from paystate.entrypoints.setup.weaknesses import weaknesses

NOW = datetime(2031, 5, 6, tzinfo=UTC)
DIGEST = "0" * 64
TEA, BOOKS = "merchants.teashop", "merchants.bookshop"


@define
class Place:
    """Two shops with strong secrets of their own, each in a file that only its owner can read."""

    folder: Path

    def secret(self, name: str, value: str | None = None) -> Secret:
        file = self.folder / name
        file.touch(0o600)
        file.write_text(value or f"CANARY-strong-{name}")
        return Secret(file=name)

    def key(self, name: str) -> SigningKey:
        if not (self.folder / name).exists():
            new_key(self.folder / name, self.folder / f"{name}.public")
        return SigningKey(key_id=name, file=name)

    def shop(self, name: str, **changes: object) -> MerchantSettings:
        plain = MerchantSettings(
            client_id=name,
            base_url="https://juspay.test",
            api_key=self.secret(f"{name}.api"),
            response_keys=(self.secret(f"{name}.response"),),
            signing_keys=(self.key(f"{name}.pem"),),
            backend_keys=(f"{name}:{DIGEST}",),
            webhook_logins=(WebhookLogin(user=name, password=self.secret(f"{name}.webhook")),),
        )
        return msgspec.structs.replace(plain, **changes)

    def settings(self, **changes: object) -> Settings:
        (self.folder / "paystate.sqlite3").touch(0o600)
        merchants = {"teashop": self.shop("teashop", **changes), "bookshop": self.shop("bookshop")}
        return Settings(merchants=merchants, public_url="https://pay.test", folder=str(self.folder))

    def found(self, **changes: object) -> list[tuple[str, str, str]]:
        return found(self.settings(**changes))


def found(settings: Settings) -> list[tuple[str, str, str]]:
    return [(one.setting, one.message, one.fix) for one in weaknesses(settings, NOW)]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("teashop.pem", "bookshop.pem", "other.pem"):
        new_key(folder / name, folder / f"{name}.public")
    return folder


@pytest.fixture
def place(tmp_path: Path, keys: Path) -> Place:
    for file in keys.iterdir():
        (tmp_path / file.name).touch(0o600)
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return Place(tmp_path)


def test_strong_secrets_of_their_own_are_no_weakness(place: Place) -> None:
    assert [] == place.found()


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("teashop.api", f"{TEA}.api_key"),
        ("teashop.response", f"{TEA}.response_keys[0]"),
        ("teashop.webhook", f"{TEA}.webhook_logins[0].password"),
    ],
)
def test_a_secret_that_others_can_read_is_named(place: Place, name: str, setting: str) -> None:
    settings = place.settings()
    (place.folder / name).chmod(0o644)
    ((where, message, fix),) = found(settings)
    assert (setting, True, True) == (where, "open to group or others (mode 644" in message, "run `chmod 6" in fix)


def test_a_database_that_everybody_can_read_is_named(place: Place) -> None:
    settings = place.settings()
    settings.database_path.chmod(0o644)
    ((where, message, fix),) = found(settings)
    assert ("database", True, True) == (where, "mode 644" in message, "chmod o=" in fix)


@pytest.mark.parametrize("password", ["a", "teashop", "aaaaaaaaaaaaaaaaaaaa", "12121212121212121212"])
def test_a_password_that_can_be_guessed_is_named_and_not_told(place: Place, password: str) -> None:
    login = WebhookLogin(user="teashop", password=place.secret("weak", password))
    ((where, message, fix),) = place.found(webhook_logins=(login,))
    assert (f"{TEA}.webhook_logins[0].password", True) == (where, message.startswith("can be guessed"))
    assert "openssl rand" in fix
    assert len(password) == 1 or password not in message + fix


def test_one_secret_for_two_things_is_named_and_not_told(place: Place) -> None:
    both = place.secret("teashop.webhook")
    (problem,) = place.found(response_keys=(both,))
    login, response = f"{TEA}.webhook_logins[0].password", f"{TEA}.response_keys[0]"
    assert (login, f"is the same secret as {response}") == problem[:2]
    assert "CANARY" not in str(problem)


def test_one_secret_of_two_merchants_is_named(place: Place) -> None:
    theirs = place.secret("bookshop.response")
    (problem,) = place.found(response_keys=(theirs,))
    assert (f"{BOOKS}.response_keys[0]", f"is the same secret as {TEA}.response_keys[0]") == problem[:2]


def test_merchants_of_one_company_may_have_one_api_key(place: Place) -> None:
    assert [] == place.found(api_key=place.secret("bookshop.api"))


def jwt(key: SigningKey) -> JwtSettings:
    return JwtSettings(keys=(key,), juspay_keys=(JuspayKey(key_id="j", file="j.pem"),), calls=True)


@pytest.mark.parametrize(
    ("changes", "place_and_message"),
    [
        (
            lambda place: {"jwt": jwt(place.key("teashop.pem"))},
            (f"{TEA}.jwt.keys", f"has the same RSA key as {TEA}.signing_keys"),
        ),
        (
            lambda place: {"signing_keys": (place.key("bookshop.pem"),)},
            (f"{BOOKS}.signing_keys", f"has the same RSA key as {TEA}.signing_keys"),
        ),
    ],
    ids=["two uses", "two merchants"],
)
def test_one_rsa_key_with_two_uses_is_named(
    place: Place, changes: Callable[[Place], dict[str, object]], place_and_message: tuple[str, str]
) -> None:
    (problem,) = place.found(**changes(place))
    assert place_and_message == problem[:2]


def test_a_key_for_each_use_is_no_weakness(place: Place) -> None:
    assert [] == place.found(jwt=jwt(place.key("other.pem")))


def test_keys_that_session_mode_does_not_use_are_not_looked_at(place: Place) -> None:
    assert [] == place.found(mode=Mode.SESSION, signing_keys=(SigningKey(key_id="k", file="nowhere.pem"),))


def backend_key(**changes: datetime) -> BackendKey:
    return msgspec.structs.replace(BackendKey(id="abcd2345", digest=DIGEST, scopes=(Scope.READ,)), **changes)


@pytest.mark.parametrize("over", [{"expires": NOW}, {"revoked": NOW}], ids=["expired", "revoked"])
def test_a_merchant_whose_keys_are_all_over_is_named(place: Place, over: dict[str, datetime]) -> None:
    (problem,) = place.found(backend_keys=(backend_key(**over),))
    assert (f"{TEA}.backend_keys", True) == (problem[0], "no key that is good" in problem[1])
    assert [] == place.found(backend_keys=(backend_key(**over), f"good0000:{DIGEST}"))


def test_a_merchant_without_a_key_is_no_weakness(place: Place) -> None:
    """A program that embeds Paystate needs none."""
    assert [] == place.found(backend_keys=())


@pytest.mark.parametrize(("days", "is_told"), [(8, False), (6, True)])
def test_a_key_that_expires_within_a_week_is_named(place: Place, days: int, is_told: bool) -> None:
    told = place.found(backend_keys=(backend_key(expires=NOW + timedelta(days=days)),))
    assert is_told == any("abcd2345 expires 2031-05-12T00:00:00Z" in message for _, message, _ in told)


def told_at(place: Place, url: str) -> EndpointSettings:
    secret = place.secret("told", "whsec_" + "c2VjcmV0" * 5)
    return EndpointSettings(name="shop", url=url, secrets=(secret,), allow_private=True)


@pytest.mark.parametrize(
    ("environment", "url", "is_weak"),
    [
        ("production", "http://shop.internal:7000/", True),
        ("production", "https://shop.internal:7000/", False),
        ("production", "http://127.0.0.1:7000/", False),
        ("sandbox", "http://shop.internal:7000/", False),
    ],
)
def test_what_customers_bought_is_told_over_tls(place: Place, environment: str, url: str, is_weak: bool) -> None:
    found = place.found(environment=environment, endpoints=(told_at(place, url),))
    problems = [message for where, message, _ in found if where == f"{TEA}.endpoints[0].url"]
    assert (["is told over a network without TLS"] if is_weak else []) == problems


@pytest.mark.parametrize(
    ("environment", "servers", "is_weak"),
    [
        ("production", ("tls://a.internal:4222", "nats://b.internal:4222"), True),
        ("production", ("tls://a.internal:4222",), False),
        ("production", ("nats://127.0.0.1:4222",), False),
        ("sandbox", ("nats://a.internal:4222",), False),
    ],
)
def test_and_published_over_tls(place: Place, environment: str, servers: tuple[str, ...], is_weak: bool) -> None:
    stream = StreamSettings(name="broker", servers=servers, stream="PAYSTATE", allow_private=True)
    found = place.found(environment=environment, streams=(stream,))
    problems = [message for where, message, _ in found if where == f"{TEA}.streams[0].servers"]
    assert (["are told over a network without TLS"] if is_weak else []) == problems
