"""/chat: the conversation without JavaScript, in a real Chromium and over plain HTTP."""

# ruff: noqa: F811  (pytest finds its fixtures by the names that are imported)

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext, Page, Route, async_playwright, expect

from bot.channels.widget.pages import FORM
from bot.core.message import Button
from bot.desk.engine import EngineAnswer, EngineReply
from tests.channels.widget_fixtures import database_url, site  # noqa: F401
from tests.channels.widget_site import Site
from tests.e2e.browser import ARGUMENTS
from tests.e2e.test_widget_browser import XSS, axe
from tests.scripted_engine import ScriptedEngine, echo


@pytest.fixture
async def context(site: Site) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        made = await browser.new_context(
            base_url=site.address, java_script_enabled=False, viewport={"width": 900, "height": 900}
        )
        made.set_default_timeout(15_000)
        yield made
        await browser.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    made = await context.new_page()
    await made.goto("/chat")
    return made


async def send(page: Page, text: str) -> None:
    await page.locator("textarea").fill(text)
    await page.get_by_role("button", name="Send").click()


async def test_a_whole_conversation_without_javascript(site: Site, page: Page, engine: ScriptedEngine) -> None:
    engine.script = _with_button
    assert await page.context.cookies() == []
    await send(page, "which report <b>do</b> i need")
    await expect(page.locator(".log .text").nth(1)).to_have_text("which report <b>do</b> i need")
    await expect(page.locator(".log .text").nth(2)).to_have_text("which one?")
    (cookie,) = await page.context.cookies()
    assert cookie["name"] == "__Host-frontdesk-chat"
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
    assert cookie["expires"] == -1
    engine.script = echo
    await page.get_by_role("button", name="Crash report").click()
    await expect(page.locator(".log .text").nth(3)).to_have_text("Crash report")
    await expect(page.locator(".log .text").nth(4)).to_have_text("answer to records/crash_report")
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".speaker")).to_contain_text("Waiting for a person")
    await page.get_by_role("button", name="Check for new messages").click()
    await expect(page.locator(".log .text")).to_have_count(7)
    await page.get_by_role("link", name="Español").click()
    await expect(page.get_by_role("button", name="Volver al asistente")).to_be_visible()
    await page.get_by_role("button", name="Volver al asistente").click()
    await expect(page.locator(".speaker")).to_contain_text("asistente automático")
    assert site.csp_reports == 0


async def test_reloading_sends_nothing_again(page: Page, engine: ScriptedEngine) -> None:
    await send(page, "only once")
    await expect(page.locator(".resident .text")).to_have_text(["only once"])
    await page.wait_for_load_state("load")  # a page that is just being replaced cannot be reloaded
    await page.reload()
    await expect(page.locator(".resident .text")).to_have_text(["only once"])
    assert len(engine.requests) == 1


async def test_a_form_sent_twice_is_one_message(site: Site, engine: ScriptedEngine) -> None:
    body = {"text": "only once", "language": "en", "form": _form((await site.http.get("/chat")).text)}
    first = await site.http.post("/chat", data=body)
    cookie = first.headers["set-cookie"].split(";")[0]
    site.http.cookies.clear()
    for headers in ({}, {"cookie": cookie}):
        again = await site.http.post("/chat", data=body, headers=headers)
        site.http.cookies.clear()
        assert again.headers["set-cookie"].split(";")[0] == cookie
    await site.http.post("/chat", data={**body, "text": "other words"}, headers={"cookie": cookie})
    assert [request["message"]["text"] for request in engine.requests] == ["only once", "other words"]


async def test_an_emergency_stands_out(page: Page) -> None:
    await send(page, "someone is breaking into my house right now")
    # The notice waits 300 ms for its rows; on a busy machine it comes as an alert above the conversation.
    await expect(page.locator(".notice.emergency .text, .alert.emergency")).to_contain_text("911")


async def test_quick_exit_takes_the_cookie_away(page: Page, context: BrowserContext) -> None:
    async def neutral(route: Route) -> None:
        await route.fulfill(body="<h1>Weather</h1>", content_type="text/html")

    await context.route("https://www.weather.gov/**", neutral)
    await send(page, "a private matter")
    await page.get_by_role("link", name="Quick exit").click()
    await page.wait_for_url("https://www.weather.gov/")
    assert await context.cookies() == []
    await page.goto("/chat")
    await expect(page.locator(".resident")).to_have_count(0)


async def test_text_is_shown_as_text(site: Site) -> None:
    for text in XSS:
        begun = await _post(site, {"text": text})
        page = await site.http.get("/chat", headers={"cookie": begun})
        assert not re.search(r"<(script|img|svg|iframe|style|details|math|a href='java)", page.text), text
        assert not re.search(r'href="(?!https:|tel:|/|data:,")', page.text), text


async def test_a_form_from_elsewhere_sends_nothing(site: Site) -> None:
    cookie = await _post(site, {"text": "mine"})
    field = _form((await site.http.get("/chat", headers={"cookie": cookie})).text)
    body = {"text": "forged", "form": field, "language": "en"}
    for headers, status in [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, 403),
    ]:
        answer = await site.http.post("/chat", data=body, headers={"cookie": cookie, **headers})
        assert answer.status_code == status
    stolen = await site.http.post(
        "/chat", data={**body, "form": _form((await site.http.get("/chat")).text)}, headers={"cookie": cookie}
    )
    assert stolen.status_code == 409
    assert "forged" in stolen.text
    shown = (await site.http.get("/chat", headers={"cookie": cookie})).text
    assert "forged" not in shown


BAD_FORMS = [
    (b"", "text/plain", 415), (b"{}", "application/json", 415), (b"text=%ff", "", 415), (b"text=%ff", FORM, 400),
    (b"text=a&text=b", FORM, 400), (b"a&" * 50, FORM, 400), (b"x=" + b"y" * 70_000, FORM, 413),
    (b"form=x.y&text=hi", FORM, 409), ("text=é".encode(), FORM, 400),
]  # fmt: skip


async def test_a_bad_form_is_refused(site: Site) -> None:
    for body, kind, status in BAD_FORMS:
        answer = await site.http.post("/chat", content=body, headers={"content-type": kind})
        assert (body[:20], answer.status_code) == (body[:20], status)


async def test_a_made_up_cookie_shows_an_empty_page(site: Site) -> None:
    page = await site.http.get("/chat", headers={"cookie": "__Host-frontdesk-chat=' OR 1=1--"})
    assert page.status_code == 200
    assert 'class="message resident' not in page.text


async def test_too_long_a_message_comes_back_in_the_box(site: Site) -> None:
    page = await site.http.get("/chat")
    answer = await site.http.post("/chat", data={"text": "x" * 4097, "form": _form(page.text), "language": "en"})
    assert answer.status_code == 413
    assert "x" * 4097 in answer.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing(site: Site, engine: ScriptedEngine, scheme: str, width: int) -> None:
    engine.script = _with_button
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = await browser.new_page(
            base_url=site.address, color_scheme=scheme, viewport={"width": width, "height": 800}
        )  # type: ignore[arg-type]
        await page.goto("/chat")
        assert await axe(page) == []
        await send(page, "which report")
        await send(page, "someone is breaking into my house right now")
        await page.get_by_role("button", name="Talk to a person").click()
        await expect(page.locator(".divider").first).to_be_visible()
        assert await axe(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await browser.close()
    assert site.csp_reports == 0


def _with_button(request: object) -> EngineAnswer:
    reply = EngineReply("which one?", None, (Button("Crash report", topic="records/crash_report"),))
    return EngineAnswer(**{**echo(request).__dict__, "replies": (reply,)})  # type: ignore[arg-type]


def _form(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


async def _post(site: Site, fields: dict[str, str]) -> str:
    """The cookie of a conversation begun with a form."""
    page = await site.http.get("/chat")
    answer = await site.http.post("/chat", data={"form": _form(page.text), "language": "en", **fields})
    assert answer.status_code == 303
    site.http.cookies.clear()
    return answer.headers["set-cookie"].split(";")[0]


async def test_a_chosen_language_is_the_conversations(page: Page, engine: ScriptedEngine) -> None:
    await send(page, "hello there")
    await page.get_by_role("link", name="Español").click()
    await page.locator("textarea").fill("otra pregunta")
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.locator(".resident .text")).to_have_count(2)
    assert (engine.requests[-1]["language"], engine.requests[-1]["language_chosen"]) == ("es", True)
