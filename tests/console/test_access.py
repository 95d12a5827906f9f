"""Who may do what: every route of the console with every role. A route that is not listed here fails."""

import httpx
import pytest

from bot.console.access import ACCESS
from bot.console.pages import console_blueprint
from bot.core.staff import Role
from bot.desk.desk import Desk
from bot.store import audit
from tests.console.app import console_app
from tests.console.conftest import Person, SignIn

CONVERSATION = "019ab000-0000-7000-8000-000000000000"
OPEN, STAFF, ADMIN = ("nobody", "staff", "admin"), ("staff", "admin"), ("admin",)

# route: (method, path, who may)
MATRIX = {
    "sign_in": ("GET", "/console/sign-in", OPEN),
    "post_sign_in": ("POST", "/console/sign-in", OPEN),
    "welcome": ("GET", "/console/welcome", OPEN),
    "post_welcome": ("POST", "/console/welcome", OPEN),
    "sign_out": ("POST", "/console/sign-out", STAFF),
    "language": ("POST", "/console/language", STAFF),
    "queue": ("GET", "/console/", STAFF),
    "queue_live": ("GET", "/console/live", STAFF),
    "conversation": ("GET", f"/console/conversations/{CONVERSATION}", STAFF),
    "conversation_live": ("GET", f"/console/conversations/{CONVERSATION}/live", STAFF),
    "claim": ("POST", f"/console/conversations/{CONVERSATION}/claim", STAFF),
    "reply": ("POST", f"/console/conversations/{CONVERSATION}/reply", STAFF),
    "resolve": ("POST", f"/console/conversations/{CONVERSATION}/resolve", STAFF),
    "hand_back": ("POST", f"/console/conversations/{CONVERSATION}/hand-back", STAFF),
    "messages": ("GET", "/console/messages", STAFF),
    "handled": ("POST", "/console/messages/FD-NONE/handled", STAFF),
    "reply_here": ("POST", "/console/messages/FD-NONE/reply", STAFF),
    "staff": ("GET", "/console/staff", ADMIN),
    "invite": ("POST", "/console/staff/invite", ADMIN),
    "sign_out_everywhere": ("POST", f"/console/staff/{CONVERSATION}/sign-out-everywhere", ADMIN),
    "deactivate": ("POST", f"/console/staff/{CONVERSATION}/deactivate", ADMIN),
    "activate": ("POST", f"/console/staff/{CONVERSATION}/activate", ADMIN),
}
HANDSHAKE = {"upgrade": "websocket", "connection": "upgrade", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
             "sec-websocket-version": "13"}


def test_every_route_is_in_the_matrix(desk: Desk) -> None:
    routes = {(route.name.rsplit(".", 1)[-1], method, "/" + route.path.lstrip("/"))
              for route in console_app(desk).router.routes if ".console." in route.name for method in route.methods}
    listed = {(name, method) for name, (method, _, _) in MATRIX.items()}
    assert {(name, method) for name, method, _ in routes} == listed
    assert set(ACCESS) == set(MATRIX)
    assert console_blueprint(desk).url_prefix == "/console"


async def ask(client: Person, name: str) -> httpx.Response:
    method, path, _ = MATRIX[name]
    headers = HANDSHAKE if name.endswith("_live") else {}
    return await client.request(method, path, headers=headers)


@pytest.mark.parametrize("name", list(MATRIX))
async def test_nobody_gets_in_without_signing_in(nobody: Person, name: str) -> None:
    answer = await ask(nobody, name)
    if "nobody" in MATRIX[name][2]:
        assert answer.status_code in {200, 401, 422}
        assert "csrf" not in answer.text
    elif MATRIX[name][0] == "GET" and not name.endswith("_live"):
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/console/sign-in")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("name", [name for name in MATRIX if MATRIX[name][2] is ADMIN])
async def test_staff_do_not_get_into_what_is_for_admins(desk: Desk, person: SignIn, name: str) -> None:
    answer = await ask(await person("rivera"), name)
    assert answer.status_code == 403
    refused = await desk.db.read(lambda tx: audit.rows(tx, "refused"))
    assert [(row["actor"], row["object"]) for row in refused] == [("rivera", name)]


@pytest.mark.parametrize("username", ["rivera", "okafor"])
@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if row[2] is not OPEN and "_live" not in name])
async def test_who_may_is_let_through(person: SignIn, username: str, name: str) -> None:
    role = Role.ADMIN.value if username == "okafor" else Role.STAFF.value
    if role in MATRIX[name][2]:
        answer = await ask(await person(username), name)
        assert answer.status_code in {200, 303, 404, 409}


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if row[0] == "POST" and row[2] is not OPEN])
@pytest.mark.parametrize("headers", [
    {"x-csrf-token": ""}, {"x-csrf-token": "wrong"}, {"origin": "https://evil.example"}, {"origin": "null"},
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
])
async def test_a_form_of_another_site_changes_nothing(person: SignIn, name: str, headers: dict[str, str]) -> None:
    admin = await person("okafor")
    answer = await admin.request("POST", MATRIX[name][1], headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["post_sign_in", "post_welcome"])
async def test_nobody_is_signed_in_by_another_site(nobody: Person, name: str) -> None:
    answer = await nobody.post(MATRIX[name][1], headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["queue_live", "conversation_live"])
async def test_a_live_connection_of_another_site_is_refused_before_it_opens(person: SignIn, name: str) -> None:
    staff = await person("rivera")
    answer = await staff.get(MATRIX[name][1], headers={**HANDSHAKE, "origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("name", [name for name, (method, _, _) in MATRIX.items() if method == "POST"])
async def test_nothing_is_changed_by_a_get(person: SignIn, name: str) -> None:
    if name not in {"post_sign_in", "post_welcome"}:
        assert (await (await person("okafor")).get(MATRIX[name][1])).status_code == 405
