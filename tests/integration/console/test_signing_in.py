"""Who gets in, how long it lasts, and which forms are believed."""

from hashlib import sha256

import pytest
import structlog
from attrs import evolve
from integration.console.desk import ORIGIN, Desk, PlainHasher, filled, opened_desk, token_in
from structlog.testing import capture_logs

from paystate.core.console.sessions import ABSOLUTE, IDLE, PROOF
from paystate.entrypoints.console.access import COOKIE
from paystate.entrypoints.console.known_browsers import BROWSER
from paystate.entrypoints.console.static import HTMX_SHA256
from paystate.entrypoints.setup.tables.console import ConsoleProxy

PROXY = ConsoleProxy(header="X-Forwarded-User", addresses=("127.0.0.1", "testclient"))


async def test_a_stranger_is_sent_to_the_sign_in(desk: Desk) -> None:
    for path in ("/", "/search?q=a", "/orders/shop/lamp-1", "/orders/shop/lamp-1/refund", "/requests"):
        answer = await desk.get(path)
        assert (303, "/sign-in") == (answer.status_code, answer.headers["location"]), path


async def test_a_stranger_s_form_does_nothing(desk: Desk) -> None:
    await desk.shop.charged()
    for path in ("/sign-out", "/orders/shop/lamp-1/look", "/orders/shop/lamp-1/refund", "/requests/r/agree"):
        assert 401 == (await desk.post(path, {"csrf": "x"})).status_code, path


async def test_the_right_password_opens_a_session_in_a_cookie_for_this_origin_alone(desk: Desk) -> None:
    answer = await desk.signs_in("asha")
    assert (303, "/") == (answer.status_code, answer.headers["location"])
    cookies = answer.headers.get_list("set-cookie")
    assert [COOKIE, BROWSER] == [cookie.partition("=")[0] for cookie in cookies]
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert {"path=/", "secure", "httponly", "samesite=strict"} <= parts
        assert "domain" not in cookie.lower()
    assert "asha" in (await desk.get("/")).text


@pytest.mark.parametrize(("name", "password"), [("asha", "not this one, no"), ("nobody", "asha has a long one")])
async def test_a_wrong_name_and_a_wrong_password_are_told_alike(desk: Desk, name: str, password: str) -> None:
    answer = await desk.signs_in(name, password)
    assert 401 == answer.status_code
    assert "The name or the password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


async def has_another_password(desk: Desk) -> None:
    await desk.shop.store.change_console_user("asha", lambda kept: evolve(kept, password_hash="plain another, as long"))


async def fails(desk: Desk, name: str, times: int = 10, **headers: str) -> None:
    """A stranger's browser tries passwords for a name."""
    for _ in range(times):
        fields = {"name": name, "password": "not this one, no"}
        answer = await desk.post("/sign-in", fields, **headers)
        assert 401 == answer.status_code


async def test_after_ten_wrong_passwords_even_the_right_one_waits(desk: Desk) -> None:
    await fails(desk, "asha")
    assert 429 == (await desk.signs_in("asha")).status_code
    desk.shop.clock.advance(15 * 60)
    assert 303 == (await desk.signs_in("asha")).status_code


@pytest.mark.parametrize("tried", ["asha", "omar"])
async def test_who_guesses_at_names_keeps_nobody_out_who_has_signed_in_from_a_browser_before(
    desk: Desk, tried: str
) -> None:
    await desk.signs_in("asha")
    known, desk.token, desk.browser = desk.browser, "", ""
    await fails(desk, tried)
    assert 429 == (await desk.signs_in("asha")).status_code
    desk.browser = known
    assert 303 == (await desk.signs_in("asha")).status_code


async def test_a_name_is_tried_ten_times_from_all_addresses_together(desk: Desk) -> None:
    for number in range(10):
        await fails(desk, "asha", 1, x_forwarded_for=f"192.0.2.{number}")
    fields = {"name": "asha", "password": "asha has a long one"}
    assert 429 == (await desk.post("/sign-in", fields, x_forwarded_for="192.0.2.99")).status_code
    assert (
        303 == (await desk.post("/sign-in", {**fields, "name": "omar", "password": "omar has a long one"})).status_code
    )


async def test_a_guesser_with_a_password_of_his_own_starts_no_count_anew(desk: Desk) -> None:
    await fails(desk, "asha", 9)
    assert 303 == (await desk.signs_in("vik")).status_code
    desk.token = desk.browser = ""
    await fails(desk, "zoya", 1)
    assert 429 == (await desk.post("/sign-in", {"name": "zoya", "password": "not this one, no"})).status_code


async def test_a_known_browser_may_fail_ten_times_as_well(desk: Desk) -> None:
    await desk.signs_in("asha")
    await fails(desk, "asha")
    assert 429 == (await desk.signs_in("asha")).status_code


@pytest.mark.parametrize("other", ["of another person", "made up", "of an old password"])
async def test_a_browser_is_known_for_one_person_and_one_password(desk: Desk, other: str) -> None:
    await desk.signs_in("omar" if other == "of another person" else "asha")
    if other == "made up":
        desk.browser = f"{desk.browser.partition('.')[0]}.{'0' * 64}"
    if other == "of an old password":
        await has_another_password(desk)
    await fails(desk, "asha")
    desk.browser = ""
    assert 429 == (await desk.signs_in("asha")).status_code


async def test_somebody_who_was_disabled_is_out_at_once(desk: Desk) -> None:
    await desk.signs_in("asha")
    await desk.shop.store.change_console_user("asha", lambda kept: evolve(kept, disabled_at=desk.shop.clock.now()))
    assert 303 == (await desk.get("/")).status_code
    assert 401 == (await desk.signs_in("asha")).status_code


async def test_a_password_that_is_changed_while_it_is_looked_at_opens_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = PlainHasher.fits

    async def fits_while_it_is_changed(hasher: PlainHasher, password: str, kept: str) -> bool:
        await has_another_password(desk)
        return await fits(hasher, password, kept)

    monkeypatch.setattr(PlainHasher, "fits", fits_while_it_is_changed)
    answer = await desk.signs_in("asha")
    assert 401 == answer.status_code
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["a\x00b", "a b", "\u202e", ""])
async def test_what_is_no_name_is_told_as_a_wrong_one_and_the_database_is_not_asked(desk: Desk, name: str) -> None:
    before = desk.shop.store.uses["console_user"]
    answer = await desk.post("/sign-in", {"name": name, "password": "a long enough one"})
    assert 401 == answer.status_code
    assert "The name or the password is wrong." in answer.text
    assert before == desk.shop.store.uses["console_user"]


URL_ENCODED = "application/x-www-form-urlencoded"
NO_CHARSET = (
    b'--x\r\nContent-Disposition: form-data; name="name"\r\n'
    b"Content-Type: text/plain; charset=nope\r\n\r\n"
    b"\xff\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"&".join(b"%x=" % number for number in range(21)), URL_ENCODED),
        (b"&".join(b"%x=" % number for number in range(20_000))[:65_000], URL_ENCODED),
        (b"name=\xff", URL_ENCODED),
        (b"name=%ff", URL_ENCODED),
        (NO_CHARSET, "multipart/form-data; boundary=x"),
        (b'{"name": "asha"}', "application/json"),
        (b"name=asha", "text/plain"),
    ],
    ids=["a field too many", "very many", "no ASCII", "no UTF-8", "multipart", "JSON", "plain"],
)
async def test_what_is_no_form_of_ours_is_not_understood(desk: Desk, body: bytes, content_type: str) -> None:
    headers = {"host": "console.example.test", "origin": ORIGIN, "content-type": content_type}
    assert 400 == (await desk.http.post("/sign-in", content=body, headers=headers)).status_code


async def test_a_field_that_comes_twice_counts_as_missing(desk: Desk) -> None:
    headers = {"host": "console.example.test", "origin": ORIGIN, "content-type": URL_ENCODED}
    body = "name=asha&password=asha+has+a+long+one&name=asha"
    assert 401 == (await desk.http.post("/sign-in", content=body, headers=headers)).status_code


async def test_who_signs_in_and_who_is_refused_stands_in_the_log_with_the_address(desk: Desk) -> None:
    with capture_logs() as logged:
        structlog.configure()
        await desk.signs_in("asha", "not this one, no")
        await desk.signs_in("asha")
        structlog.reset_defaults()
    told = [(one["event"], one["user"], one["address"].split()[0]) for one in logged if "user" in one]
    assert [("sign-in refused", "asha", "address"), ("signed in", "asha", "address")] == told
    assert "long one" not in str(logged)


async def test_each_sign_in_makes_a_new_token_and_ends_the_old_one(desk: Desk) -> None:
    await desk.signs_in("asha")
    first = desk.token
    await desk.signs_in("asha")
    assert first != desk.token
    desk.token = first
    assert 303 == (await desk.get("/")).status_code


async def test_a_token_that_somebody_chose_opens_nothing_after_the_sign_in(desk: Desk) -> None:
    desk.token = "chosen"
    answer = await desk.signs_in("asha")
    assert "chosen" != token_in(answer)
    desk.token = "chosen"
    assert 303 == (await desk.get("/")).status_code


async def test_a_session_ends_when_it_is_signed_out_of(desk: Desk) -> None:
    await desk.signs_in("asha")
    page = (await desk.get("/")).text
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    assert 303 == (await desk.post("/sign-out", {"csrf": csrf})).status_code
    assert 303 == (await desk.get("/")).status_code


async def test_a_session_without_requests_ends(desk: Desk) -> None:
    await desk.signs_in("asha")
    desk.shop.clock.advance(int(IDLE.total_seconds()))
    assert 303 == (await desk.get("/")).status_code


async def test_a_session_in_use_ends_after_a_day_s_work(desk: Desk) -> None:
    await desk.signs_in("asha")
    for _ in range(int(ABSOLUTE / (IDLE / 2)) - 1):
        desk.shop.clock.advance(int(IDLE.total_seconds()) // 2)
        assert 200 == (await desk.get("/requests")).status_code
    desk.shop.clock.advance(int(IDLE.total_seconds()) // 2)
    assert 303 == (await desk.get("/requests")).status_code


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://console.example.test:444", ""])
async def test_a_form_from_elsewhere_does_nothing(desk: Desk, origin: str) -> None:
    await desk.shop.charged()
    await desk.signs_in("asha")
    page = "/orders/shop/lamp-1/refund"
    fields = {**filled((await desk.get(page)).text), "words": "asked for"}
    assert 403 == (await desk.post(page, fields, origin=origin)).status_code
    assert [] == (await desk.shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]


@pytest.mark.parametrize("csrf", ["", "0" * 64])
async def test_a_form_without_the_session_s_own_token_does_nothing(desk: Desk, csrf: str) -> None:
    await desk.shop.charged()
    await desk.signs_in("asha")
    paths = (
        "/sign-out",
        "/orders/shop/lamp-1/look",
        "/orders/shop/lamp-1/refund",
        "/requests/r/agree",
        "/requests/r/decline",
    )
    for path in paths:
        assert 403 == (await desk.post(path, {"csrf": csrf})).status_code, path


async def stale_proof_of_omar(desk: Desk) -> str:
    """Omar's password was given a while ago; returns a form that moves money."""
    await desk.shop.charged()
    await desk.signs_in("omar")
    for _ in range(2):
        desk.shop.clock.advance(int(PROOF.total_seconds()) // 2 + 1)
        await desk.get("/")
    return "/orders/shop/lamp-1/refund?amount=10.00"


async def test_money_moves_only_for_somebody_who_gave_the_password_lately(desk: Desk) -> None:
    page = await stale_proof_of_omar(desk)
    wrong = await desk.sends(page, "/orders/shop/lamp-1/refund", words="asked for")
    assert 422 == wrong.status_code
    assert "That is not your password." in wrong.text
    right = await desk.sends(page, "/orders/shop/lamp-1/refund", words="asked for", password="omar has a long one")
    assert 303 == right.status_code


async def test_a_stolen_session_guesses_ten_times_and_keeps_its_owner_out_of_nothing(desk: Desk) -> None:
    page = await stale_proof_of_omar(desk)
    for _ in range(10):
        wrong = await desk.sends(page, "/orders/shop/lamp-1/refund", words="x", password="not this one, no")
        assert "That is not your password." in wrong.text
    waits = await desk.sends(page, "/orders/shop/lamp-1/refund", words="x", password="omar has a long one")
    assert "Too many wrong tries." in waits.text
    assert [] == (await desk.shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]
    desk.token = desk.browser = ""
    assert 303 == (await desk.signs_in("omar")).status_code


@pytest.mark.parametrize("public_url", ["https://Console.Example.Test:443/", "https://console.example.test"])
async def test_a_form_is_our_own_however_the_settings_write_our_address(public_url: str) -> None:
    async with opened_desk(public_url=public_url) as desk:
        assert 303 == (await desk.signs_in("asha")).status_code


async def test_a_script_whose_session_has_ended_is_told_so_and_not_led_to_the_sign_in(desk: Desk) -> None:
    answer = await desk.get("/orders/shop/lamp-1/refund", hx_request="true")
    assert 401 == answer.status_code
    assert "Your session has ended" in answer.text


async def test_behind_a_proxy_the_person_it_names_gets_in_without_a_password() -> None:
    async with opened_desk(proxy=PROXY) as behind:
        assert "asha" in (await behind.get("/sign-in", x_forwarded_user="asha")).text
        answer = await behind.post("/sign-in", {}, x_forwarded_user="asha")
        behind.token = token_in(answer)
        assert 200 == (await behind.get("/", x_forwarded_user="asha")).status_code
        assert 303 == (await behind.get("/", x_forwarded_user="omar")).status_code
        assert 303 == (await behind.get("/")).status_code


async def test_a_proxy_s_header_from_anywhere_else_is_not_looked_at() -> None:
    stranger = ConsoleProxy(header="X-Forwarded-User", addresses=("192.0.2.7",))
    async with opened_desk(proxy=stranger) as behind:
        assert 403 == (await behind.post("/sign-in", {}, x_forwarded_user="asha")).status_code
        assert 403 == (await behind.signs_in("asha")).status_code


async def test_every_page_forbids_foreign_scripts_and_frames(desk: Desk) -> None:
    await desk.signs_in("asha")
    for path in ("/", "/sign-in", "/orders/shop/none", "/favicon.ico", "/assets/htmx.min.js", "/none"):
        headers = (await desk.get(path)).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "no-store" in headers["cache-control"]


async def test_another_host_s_name_is_refused(desk: Desk) -> None:
    assert 303 != (await desk.get("/", host="evil.example")).status_code
    assert ORIGIN not in (await desk.get("/", host="evil.example")).text


async def test_htmx_is_the_one_that_its_package_holds(desk: Desk) -> None:
    sent = (await desk.get("/assets/htmx.min.js")).content
    assert HTMX_SHA256 == sha256(sent).hexdigest()
    assert HTMX_SHA256.startswith("22283ef6")
    assert b'version:"2.0.8"' in sent


async def test_the_sign_of_the_console_is_served_where_browsers_look_for_it(desk: Desk) -> None:
    answer = await desk.get("/favicon.ico")
    assert (200, "image/svg+xml") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
