"""Signing in as somebody at a browser does."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from bot.core.staff import Role
from bot.desk.desk import Desk
from bot.store import audit, invites, sessions, staff
from tests.conftest import TestClock
from tests.console.app import PASSWORD
from tests.console.conftest import Person, SignIn

NEW = {"name": "Capt. Moss", "username": "moss", "password": "eleven quiet harbours",
       "password_again": "eleven quiet harbours"}
CONVERSATION = "/console/conversations/019ab000-0000-7000-8000-000000000000"


async def sign_in(client: Person, username: str, password: str) -> httpx.Response:
    return await client.post("/console/sign-in", data={"username": username, "password": password})


async def actions(desk: Desk) -> list[str]:
    return [row["action"] for row in await desk.db.read(audit.rows)]


async def test_the_right_password_opens_the_queue(desk: Desk, nobody: Person) -> None:
    answer = await sign_in(nobody, " Rivera ", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    page = await nobody.get("/console/")
    assert "Officer Rivera" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await actions(desk) == ["sign_in"]


async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(desk: Desk, nobody: Person) -> None:
    wrong, unknown = await sign_in(nobody, "rivera", "x" * 20), await sign_in(nobody, "ghost1", "x" * 20)
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace("rivera", "ghost1") == unknown.text
    assert await actions(desk) == ["sign_in_failed", "sign_in_failed"]


@pytest.mark.parametrize("username", ["a\x00b", "x" * 5000, "\u202erivera", "%00"])
async def test_odd_usernames_are_unknown_accounts(nobody: Person, username: str) -> None:
    assert (await sign_in(nobody, username, PASSWORD)).status_code == 401


@pytest.mark.parametrize("password", ["", "x" * 1_000, "\x00", "火" * 150, "%ff%fe", "' or 1=1 --"])
async def test_odd_passwords_are_wrong_passwords(nobody: Person, password: str) -> None:
    assert (await sign_in(nobody, "rivera", password)).status_code == 401


async def test_five_wrong_tries_make_an_account_wait_and_then_it_opens_again(
    nobody: Person, clock: TestClock
) -> None:
    for _ in range(5):
        assert (await sign_in(nobody, "rivera", "not the password")).status_code == 401
    assert (await sign_in(nobody, "rivera", PASSWORD)).status_code == 401
    clock.forward(minutes=5)
    assert (await sign_in(nobody, "rivera", PASSWORD)).status_code == 303


async def test_tries_at_once_are_counted_one_by_one(desk: Desk, nobody: Person) -> None:
    await asyncio.gather(*(sign_in(nobody, "rivera", "not the password") for _ in range(8)))
    assert (await sign_in(nobody, "rivera", PASSWORD)).status_code == 401


async def test_one_address_cannot_try_for_ever(nobody: Person) -> None:
    codes = [(await sign_in(nobody, f"name{number}", "not the password")).status_code for number in range(25)]
    assert codes == [401] * 20 + [429] * 5


async def test_a_session_ends_after_30_idle_minutes(person: SignIn, clock: TestClock) -> None:
    client = await person("rivera")
    for _ in range(3):
        clock.forward(minutes=29)
        assert (await client.get("/console/")).status_code == 200
    clock.forward(minutes=31)
    assert (await client.get("/console/")).status_code == 303


async def test_a_session_ends_after_12_hours_in_any_case(person: SignIn, clock: TestClock) -> None:
    client = await person("rivera")
    for _ in range(36):
        clock.forward(minutes=20)
        last = await client.get("/console/")
    assert last.status_code == 303


async def test_signing_out_ends_the_session_on_the_server(desk: Desk, person: SignIn) -> None:
    client = await person("rivera")
    old = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    answer = await client.post("/console/sign-out")
    assert answer.headers["location"] == "/console/sign-in?note=out"
    assert (await client.get("/console/", headers=old)).status_code == 303
    assert "sign_out" in await actions(desk)


async def test_a_new_sign_in_ends_the_session_before_it(person: SignIn) -> None:
    client = await person("rivera")
    old = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    await sign_in(client, "rivera", PASSWORD)
    assert (await client.get("/console/", headers=old)).status_code == 303
    assert (await client.get("/console/")).status_code == 200


async def test_only_a_hash_of_the_session_is_stored(desk: Desk, person: SignIn) -> None:
    client = await person("rivera")
    token = next(iter(client.cookies.values()))
    rows = await desk.db.read(lambda tx: tx.exec_driver_sql("select * from session"))
    stored = str(rows.all())
    assert token not in stored
    assert sessions.hash_of(token) in stored


async def test_the_cookie_is_host_bound_secure_and_strict_on_https(nobody: Person) -> None:
    headers = {"host": "desk.example.org", "origin": "https://desk.example.org"}
    answer = await nobody.post("/console/sign-in", data={"username": "rivera", "password": PASSWORD}, headers=headers)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-frontdesk-staff=")
    for part in ("Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
        assert part.lower() in cookie.lower()
    assert "domain" not in cookie.lower()
    assert "max-age" not in cookie.lower()


async def test_a_browser_that_keeps_the_probe_gets_the_strong_cookie_on_loopback(nobody: Person) -> None:
    answer = await nobody.post("/console/sign-in", data={"username": "rivera", "password": PASSWORD},
                               headers={"cookie": "__Host-frontdesk-probe=1"})
    assert answer.headers["set-cookie"].startswith("__Host-frontdesk-staff=")


@pytest.mark.parametrize("following, expected", [
    ("/console/staff", "/console/staff"),
    (CONVERSATION, CONVERSATION),
    ("https://evil.example/", "/console/"),
    ("//evil.example", "/console/"),
    ("/console/../evil", "/console/"),
    ("javascript:alert(1)", "/console/"),
])
async def test_signing_in_leads_to_our_own_pages_only(nobody: Person, following: str, expected: str) -> None:
    answer = await nobody.post("/console/sign-in", data={"username": "rivera", "password": PASSWORD, "next": following})
    assert answer.headers["location"] == expected


async def test_a_one_time_link_creates_one_account(desk: Desk, nobody: Person) -> None:
    code = await desk.db.write(lambda tx: invites.create(tx, Role.ADMIN, desk.clock(), 15))
    first = await nobody.post("/console/welcome", data={**NEW, "code": code})
    assert first.status_code == 303
    assert "Capt. Moss" in (await nobody.get("/console/staff")).text
    again = await nobody.post("/console/welcome", data={**NEW, "username": "other", "code": code})
    assert again.status_code == 422
    assert len(await desk.db.read(staff.list_all)) == 4
    assert await actions(desk) == ["account_created"]


async def test_two_at_once_get_one_account_from_a_link(desk: Desk, nobody: Person) -> None:
    code = await desk.db.write(lambda tx: invites.create(tx, Role.STAFF, desk.clock(), 15))
    forms = [{**NEW, "username": f"moss{number}", "code": code} for number in range(4)]
    answers = await asyncio.gather(*(nobody.post("/console/welcome", data=form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_a_link_is_good_for_15_minutes(desk: Desk, nobody: Person, clock: TestClock) -> None:
    code = await desk.db.write(lambda tx: invites.create(tx, Role.ADMIN, desk.clock(), 15))
    clock.forward(minutes=15, seconds=1)
    assert (await nobody.post("/console/welcome", data={**NEW, "code": code})).status_code == 422


@pytest.mark.parametrize("wrong", [
    {"code": "wrong"}, {"username": "rivera"}, {"username": "a b"}, {"name": ""},
    {"password": "short", "password_again": "short"}, {"password_again": "eleven loud harbours"},
])
async def test_a_refused_form_keeps_the_link_and_what_was_written(
    desk: Desk, nobody: Person, wrong: dict[str, str]
) -> None:
    code = await desk.db.write(lambda tx: invites.create(tx, Role.STAFF, desk.clock(), 15))
    answer = await nobody.post("/console/welcome", data={**NEW, "code": code, **wrong})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "eleven" not in answer.text
    assert (await nobody.post("/console/welcome", data={**NEW, "code": code})).status_code == 303


async def test_an_admin_ends_somebody_elses_sessions_and_account(desk: Desk, person: SignIn) -> None:
    admin, rivera = await person("okafor"), await person("rivera")
    one = next(one for one in await desk.db.read(staff.list_all) if one.username == "rivera")
    await admin.post(f"/console/staff/{one.id}/sign-out-everywhere")
    assert (await rivera.get("/console/")).status_code == 303
    rivera = await person("rivera")
    await admin.post(f"/console/staff/{one.id}/deactivate")
    assert (await rivera.get("/console/")).status_code == 303
    assert (await sign_in(rivera, "rivera", PASSWORD)).status_code == 401


async def test_the_last_admin_cannot_be_shut_out(desk: Desk, person: SignIn) -> None:
    admin = await person("okafor")
    one = next(one for one in await desk.db.read(staff.list_all) if one.username == "okafor")
    assert (await admin.post(f"/console/staff/{one.id}/deactivate")).status_code == 409


async def test_an_admins_link_lets_somebody_in(desk: Desk, person: SignIn, nobody: Person) -> None:
    page = await (await person("okafor")).post("/console/staff/invite", data={"role": "staff"})
    code = page.text.split("/console/welcome#")[1].split("<")[0]
    assert (await nobody.post("/console/welcome", data={**NEW, "code": code})).status_code == 303
    assert (await nobody.get("/console/staff")).status_code == 403


async def test_the_console_speaks_the_staff_members_language(person: SignIn) -> None:
    client = await person("rivera")
    await client.post("/console/language", data={"language": "es", "next": "/console/"})
    page = await client.get("/console/")
    assert '<html lang="es">' in page.text
    assert "Esperan a una persona" in page.text
    await client.post("/console/language", data={"language": "xx"})
    assert '<html lang="es">' in (await client.get("/console/")).text


async def test_the_sign_in_page_speaks_the_browsers_language(nobody: Person) -> None:
    page = await nobody.get("/console/sign-in", headers={"accept-language": "es-MX,es;q=0.9,en;q=0.5"})
    assert "Iniciar sesión" in page.text
    page = await nobody.get("/console/sign-in?language=en", headers={"accept-language": "es"})
    assert "Sign in" in page.text


async def test_the_audit_never_holds_a_password_or_an_unknown_username(desk: Desk, nobody: Person) -> None:
    await sign_in(nobody, "my secret password typed here", "x")
    await sign_in(nobody, "rivera", PASSWORD)
    assert "secret" not in str([dict(row) for row in await desk.db.read(audit.rows)])
    assert await desk.db.read(audit.first_broken) is None


async def test_a_session_is_touched_once_a_minute_only(desk: Desk, person: SignIn, clock: TestClock) -> None:
    client = await person("rivera")
    token_hash = sessions.hash_of(next(iter(client.cookies.values())))
    before = clock.now
    await client.get("/console/")
    idle = timedelta(minutes=30)
    found = await desk.db.read(lambda tx: sessions.find(tx, token_hash, now=clock.now, idle=idle, longest=idle))
    assert found is not None
    assert found.last_seen_at <= before
