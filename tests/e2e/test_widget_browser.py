"""The widget in a real Chromium with a real desk: what a resident sees and does."""

# ruff: noqa: F811  (pytest finds its fixtures by the names that are imported)

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, async_playwright, expect

from bot.core.message import Button
from bot.core.staff import Role
from bot.desk.engine import EngineAnswer, EngineReply
from bot.desk.views import StaffView
from bot.store import staff
from tests.channels.test_widget_links import CASES
from tests.channels.widget_fixtures import database_url, site  # noqa: F401
from tests.channels.widget_site import Site, served
from tests.e2e.browser import ARGUMENTS, AXE, WCAG
from tests.scripted_engine import ScriptedEngine, echo

XSS = [
    "<script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "<svg onload=window.__pwned=1>",
    "<iframe srcdoc='<script>parent.__pwned=1</script>'>",
    "javascript:window.__pwned=1",
    "[x](javascript:window.__pwned=1)",
    '[x](https://e.org/"onmouseover="window.__pwned=1)',
    "&#x3c;script&#x3e;window.__pwned=1&#x3c;/script&#x3e;",
    "data:text/html,<script>window.__pwned=1</script>",
    "<style>*{background:url(javascript:window.__pwned=1)}</style>",
    "<div style='width:expression(window.__pwned=1)'>",
    "<a href='javascript:window.__pwned=1'>x</a>",
    "</div></li></ol><script>x",
    "<math><mtext><img src=x onerror=window.__pwned=1>",
    "<input autofocus onfocus=window.__pwned=1>",
    "${window.__pwned=1}",
    "{{constructor.constructor('window.__pwned=1')()}}",
    "<details open ontoggle=window.__pwned=1>",
    "\u202e<script>",
    "<!--<img src=x>",
]


@pytest.fixture
async def context(site: Site) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        made = await browser.new_context(base_url=site.address, viewport={"width": 1280, "height": 860})
        made.set_default_timeout(15_000)
        yield made
        await browser.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    made = await context.new_page()
    await made.goto("/")
    return made


def texts(page: Page) -> Locator:
    return page.locator(".log li:not(:first-child) .text")


async def opened(page: Page) -> None:
    await page.locator(".launcher").click()
    await expect(page.locator(".panel")).to_be_visible()


async def say(page: Page, text: str) -> None:
    await page.locator("#box").fill(text)
    await page.locator("#box").press("Enter")


async def axe(page: Page) -> list[Any]:
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    run = f"axe.run(document, {{runOnly: {json.dumps(WCAG)}}}).then(r => JSON.stringify(r.violations))"
    found = await session.send("Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True})
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in json.loads(found["result"]["value"])]


async def test_a_question_is_answered_and_still_there_after_a_reload(site: Site, page: Page) -> None:
    await opened(page)
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert await page.context.cookies() == []
    await expect(page.locator(".log")).to_contain_text("not watched for emergencies")
    await say(page, "how do i get my accident report")
    await expect(texts(page)).to_have_text(
        ["how do i get my accident report", "answer to how do i get my accident report"]
    )
    await page.reload()
    await expect(texts(page)).to_have_text(
        ["how do i get my accident report", "answer to how do i get my accident report"]
    )
    assert await page.evaluate("localStorage.length") == 0
    assert await page.context.cookies() == []
    assert "accident" not in await page.evaluate("JSON.stringify({...sessionStorage})")
    assert site.csp_reports == 0


async def test_two_tabs_show_one_conversation(page: Page, context: BrowserContext) -> None:
    await opened(page)
    await say(page, "from the first tab")
    await expect(texts(page)).to_have_count(2)
    second = await context.new_page()
    await second.goto("/")
    await expect(second.locator(".badge")).to_have_text("1")
    await opened(second)
    await expect(texts(second)).to_have_text(["from the first tab", "answer to from the first tab"])
    await expect(second.locator(".badge")).to_have_count(0)
    await say(second, "from the second tab")
    for tab in (page, second):
        await expect(texts(tab)).to_have_text(
            [
                "from the first tab",
                "answer to from the first tab",
                "from the second tab",
                "answer to from the second tab",
            ]
        )


async def test_what_was_written_without_a_network_arrives_once_and_in_order(
    page: Page, context: BrowserContext
) -> None:
    await opened(page)
    await say(page, "before")
    await expect(texts(page)).to_have_count(2)
    await context.set_offline(True)
    await say(page, "one")
    await say(page, "two")
    await expect(page.locator(".status")).to_have_text("Not sent yet. Trying again.")
    await asyncio.sleep(3)
    await context.set_offline(False)
    await expect(texts(page)).to_have_count(6)
    own = page.locator(".log .resident .text")
    await expect(own).to_have_text(["before", "one", "two"])
    await expect(page.locator(".status")).to_be_empty()


@pytest.mark.parametrize("reload", [False, True])
async def test_an_answer_lost_on_the_way_makes_no_second_message(
    page: Page, engine: ScriptedEngine, reload: bool
) -> None:
    lost: list[str] = []

    async def lose(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 1:
            lost.append((await (await route.fetch()).json())["token"])
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/api/v1/messages", lose)
    await opened(page)
    await say(page, "only once")
    await expect(page.locator(".status")).to_have_text("Not sent yet. Trying again.")
    if reload:
        await page.reload()
        await expect(page.locator(".launcher, .panel").first).to_be_visible()
    await expect(texts(page)).to_have_text(["only once", "answer to only once"])
    assert len(engine.requests) == 1
    assert lost[0] == await page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).token")


async def test_where_no_live_connection_can_be_had_messages_come_all_the_same(page: Page) -> None:
    await page.context.route_web_socket(re.compile("/api/v1/live"), lambda socket: socket.close())
    await page.goto("/")
    await opened(page)
    await say(page, "hello there")
    await expect(texts(page)).to_have_text(["hello there", "answer to hello there"])
    await say(page, "once more")
    await expect(texts(page)).to_have_count(4)


async def test_a_message_that_cannot_be_taken_does_not_hold_up_the_next(page: Page) -> None:
    async def refuse(route: Route) -> None:
        if "bad one" in (route.request.post_data or ""):
            await route.fulfill(status=400, json={"error": {}})
        else:
            await route.continue_()

    await page.route("**/api/v1/messages", refuse)
    await opened(page)
    await say(page, "bad one")
    await expect(page.locator(".refused")).to_contain_text("Not sent")
    await say(page, "good one")
    await expect(page.locator(".assistant .text").last).to_have_text("answer to good one")
    await page.get_by_role("button", name="Write it again").click()
    await expect(page.locator("#box")).to_have_value("bad one")
    await expect(page.locator(".refused")).to_have_count(0)


async def test_an_emergency_notice_shows_even_when_the_message_is_not_stored(page: Page) -> None:
    async def unavailable(route: Route) -> None:
        await route.fulfill(status=503, json={"error": {}, "emergency": "Call 911 now. Nobody has been sent."})

    await page.route("**/api/v1/messages", unavailable)
    await opened(page)
    await say(page, "someone is breaking in")
    await expect(page.locator(".notice.emergency")).to_contain_text("Call 911 now")
    await page.unroute("**/api/v1/messages")
    await expect(page.locator(".notice.emergency a", has_text="911").first).to_have_attribute("href", "tel:911")
    await expect(page.locator(".resident .state")).to_have_count(0)
    await expect(page.locator(".notice.emergency")).to_have_count(1)


async def test_nothing_a_resident_or_staff_member_writes_is_executed(site: Site, page: Page) -> None:
    site.desk.inbox._limit.burst = 1000
    await opened(page)
    await say(page, XSS[0])
    await expect(texts(page)).to_have_count(2)
    token = await page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).token")
    for payload in XSS[1:]:
        assert (await site.say(payload, token)).status_code == 202
    await expect(texts(page).filter(has_text="<!--<img src=x>").first).to_be_visible()
    member = await site.desk.db.write(
        lambda tx: staff.add(
            tx,
            username="x",
            name="<img src=x onerror=window.__pwned=1>",
            password_hash="x",
            role=Role.STAFF,
            language="en",
            now=site.desk.clock(),
        )
    )
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".speaker")).to_contain_text("Waiting")
    waiting = (await site.desk.queue())[0]
    view = StaffView(member.id, member.name)
    await site.desk.claim(waiting.handoff_id, view)
    for number, payload in enumerate(XSS):
        await site.desk.staff_reply(waiting.conversation_id, view, payload, f"reply-{number}")
    await expect(page.locator(".staff .text")).to_have_count(len(XSS))
    await page.reload()
    await expect(page.locator(".staff .text")).to_have_count(len(XSS))
    assert await page.locator(".staff .text").all_inner_texts() == [payload.strip() for payload in XSS]
    assert await page.evaluate("typeof window.__pwned") == "undefined"
    assert (
        await page.locator(".log").evaluate(
            "log => log.querySelectorAll('script, img, iframe, style, svg, input').length"
        )
        == 0
    )
    hrefs = await page.locator(".log a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(hrefs) <= {"https:", "tel:"}
    assert site.csp_reports == 0


async def test_only_plain_addresses_and_numbers_become_links(page: Page, engine: ScriptedEngine) -> None:
    engine.script = lambda request: EngineAnswer(
        **{**echo(request).__dict__, "replies": tuple(EngineReply(text, None) for text, _ in CASES)}
    )
    await opened(page)
    await say(page, "hello there")
    await expect(texts(page)).to_have_count(len(CASES) + 1)
    for place, (text, expected) in enumerate(CASES):
        box = texts(page).nth(place + 1)
        found = await box.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert (text, found) == (text, expected)


async def test_a_person_takes_over_and_hands_back(site: Site, page: Page) -> None:
    member = await site.desk.db.write(
        lambda tx: staff.add(
            tx,
            username="dana",
            name="Dana Lee",
            password_hash="x",
            role=Role.STAFF,
            language="en",
            now=site.desk.clock(),
        )
    )
    view = StaffView(member.id, member.name)
    await opened(page)
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".status")).to_have_text("You are number 1 in line.")
    await expect(page.locator(".speaker")).to_contain_text("Waiting for a person")
    waiting = (await site.desk.queue())[0]
    await site.desk.claim(waiting.handoff_id, view)
    await expect(page.locator(".speaker")).to_have_text("You are writing with Dana Lee")
    await site.desk.staff_typing(waiting.conversation_id, view)
    await expect(page.locator(".typing")).to_contain_text("Dana Lee is writing")
    await site.desk.staff_reply(waiting.conversation_id, view, "I can help you.", "reply-1")
    await expect(page.locator(".staff .who")).to_contain_text("Dana Lee, police department staff")
    await expect(page.locator(".typing")).to_have_count(0)
    await expect(page.locator("#announcer")).to_contain_text("I can help you.")
    await say(page, "thank you")
    await expect(page.locator(".resident .text").last).to_have_text("thank you")
    await site.desk.hand_back(waiting.handoff_id, view)
    await expect(page.locator(".speaker")).to_have_text("You are writing with an automated assistant")
    assert await page.locator(".divider").count() == 3
    await say(page, "one more question")
    await expect(page.locator(".assistant .text").last).to_have_text("answer to one more question")


async def test_only_what_is_new_is_announced_and_the_log_itself_is_quiet(page: Page) -> None:
    await opened(page)
    await say(page, "first")
    await expect(page.locator("#announcer")).to_have_text("Automated assistant: answer to first ")
    await page.reload()
    await expect(texts(page)).to_have_count(2)
    await asyncio.sleep(0.5)
    await expect(page.locator("#announcer")).to_be_empty()
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    await expect(page.locator("#announcer")).to_have_attribute("aria-live", "polite")


async def test_everything_can_be_done_with_the_keyboard(page: Page, engine: ScriptedEngine) -> None:
    engine.script = _with_button
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await _focused(page) == "launcher":
            break
    assert await _focused(page) == "launcher"
    await page.keyboard.press("Enter")
    await expect(page.locator("#box")).to_be_focused()
    await page.keyboard.type("which report")
    await page.keyboard.press("Enter")
    button = page.locator(".log .quick button")
    await expect(button).to_be_visible()
    seen = []
    for _ in range(14):
        await page.keyboard.press("Shift+Tab")
        seen.append(await _focused(page))
        if await button.evaluate("one => one.matches(':focus')"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#box")).to_be_focused()
    await expect(page.locator(".resident .text").last).to_have_text("Crash report")
    await page.keyboard.press("Escape")
    await expect(page.locator(".launcher")).to_be_focused()
    await expect(page.locator(".panel")).to_have_count(0)


async def test_on_a_phone_the_focus_stays_in_the_panel(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await opened(page)
    box = await page.locator(".panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    for _ in range(25):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.localName") == "frontdesk-chat"
        assert await _focused(page) != "launcher"


async def test_every_target_is_large_enough(page: Page, engine: ScriptedEngine) -> None:
    engine.script = _with_button
    await page.set_viewport_size({"width": 320, "height": 640})
    await opened(page)
    await say(page, "which report")
    await expect(page.locator(".log .quick button")).to_be_visible()
    sizes = await page.locator(".panel :is(button, select, textarea, .strip a)").evaluate_all(
        "all => all.filter(one => one.offsetParent).map(one => [one.className, one.offsetWidth, one.offsetHeight])"
    )
    assert [size for size in sizes if size[1] < 44 or size[2] < 44] == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await page.locator(".panel").evaluate("panel => panel.scrollWidth") <= 320


@pytest.mark.parametrize("how", ["button", "escape"])
async def test_quick_exit_leaves_nothing_in_any_tab(page: Page, context: BrowserContext, how: str) -> None:
    async def neutral(route: Route) -> None:
        await route.fulfill(body="<h1>Weather</h1>", content_type="text/html")

    await context.route("https://www.weather.gov/**", neutral)
    await opened(page)
    await say(page, "a private matter")
    await expect(texts(page)).to_have_count(2)
    second = await context.new_page()
    await second.goto("/")
    await opened(second)
    await expect(texts(second)).to_have_count(2)
    if how == "button":
        await page.get_by_role("button", name="Quick exit").click()
    else:
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
    await page.wait_for_url("https://www.weather.gov/")
    await expect(texts(second)).to_have_count(0)
    assert await second.evaluate("sessionStorage.length") == 0
    await page.go_back()
    await page.goto("/")
    await opened(page)
    await expect(texts(page)).to_have_count(0)


async def test_the_transcript_is_saved_as_a_text_file(site: Site, page: Page) -> None:
    await opened(page)
    await say(page, "how do i pay a ticket")
    await expect(texts(page)).to_have_count(2)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Save transcript").click()
    file = await download.value
    saved = (await file.path()).read_text()
    assert file.suggested_filename == "conversation.txt"
    assert re.search(
        r"You:\nhow do i pay a ticket\n\n\[.*\] Automated assistant:\nanswer to how do i pay a ticket", saved
    )
    assert "Not an official document" in saved
    assert site.csp_reports == 0


async def test_the_language_is_switched_and_kept(site: Site, page: Page, engine: ScriptedEngine) -> None:
    await opened(page)
    await page.locator("select").select_option("es")
    await expect(page.locator(".speaker")).to_have_text("Está escribiendo con un asistente automático")
    await say(page, "hola")
    await expect(texts(page)).to_have_count(2)
    await page.reload()
    await expect(page.locator(".speaker")).to_have_text("Está escribiendo con un asistente automático")
    assert await page.locator(".panel").get_attribute("lang") == "es"
    await say(page, "otra pregunta")
    await expect(texts(page)).to_have_count(4)
    assert engine.requests[-1]["language_chosen"] is True
    assert engine.requests[-1]["language"] == "es"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing(site: Site, page: Page, engine: ScriptedEngine, scheme: Any, width: int) -> None:
    engine.script = _with_button
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": width, "height": 800})
    await expect(page.locator(".launcher")).to_be_visible()
    assert await axe(page) == []
    await opened(page)
    assert await axe(page) == []
    await say(page, "which report")
    await expect(page.locator(".log .quick button")).to_be_visible()
    await say(page, "someone is breaking into my house right now")
    await expect(page.locator(".notice.emergency")).to_be_visible()
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".divider")).to_be_visible()
    assert await axe(page) == []
    assert site.csp_reports == 0


async def test_a_page_may_carry_the_panel_inside_itself(page: Page) -> None:
    await page.evaluate("""() => {
        document.querySelector("frontdesk-chat").remove();
        const chat = document.createElement("frontdesk-chat");
        chat.setAttribute("mode", "inline");
        document.querySelector("main").append(chat);
    }""")
    await expect(page.locator(".panel.inline")).to_be_visible()
    await expect(page.locator(".launcher")).to_have_count(0)
    await say(page, "hello there")
    await expect(texts(page)).to_have_count(2)
    assert await axe(page) == []


async def test_another_site_of_the_department_embeds_it_under_a_strict_policy(
    make_desk: Any, context: BrowserContext
) -> None:
    page = await context.new_page()
    reports: list[str] = []
    page.on("console", lambda message: reports.append(message.text))
    embedding = await asyncio.start_server(
        lambda reader, writer: _embedding_page(reader, writer, desks[0]), "127.0.0.1", 0
    )
    port = embedding.sockets[0].getsockname()[1]
    desk, desks = make_desk(widget_origins=f"http://127.0.0.1:{port}"), list[Site]()
    await desk.start()
    async with embedding, served(desk) as other:
        desks.append(other)
        await page.goto(f"http://127.0.0.1:{port}/")
        await opened(page)
        await say(page, "hello there")
        await expect(texts(page)).to_have_text(["hello there", "answer to hello there"])
        assert [report for report in reports if "olicy" in report or "CORS" in report] == []
        await page.goto("about:blank")
        embedding.close()
    await desk.stop()


async def _embedding_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, desk: Site) -> None:
    # Answered before it has asked, and closed with its words unread, a browser sees the connection reset.
    with contextlib.suppress(asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
    policy = f"default-src 'none'; script-src {desk.address}; connect-src {desk.address} {desk.live}"
    script = f"<script type=module src={desk.address}/static/dist/widget.js></script>"
    page = f"<!doctype html><title>City</title>{script}<h1>City</h1>"
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Security-Policy: {policy}\r\nConnection: close\r\n\r\n"
    )
    writer.write((head + page).encode())
    await writer.drain()
    writer.close()


def _with_button(request: Any) -> EngineAnswer:
    reply = EngineReply("which one?", None, (Button("Crash report", topic="records/crash_report"),))
    return EngineAnswer(**{**echo(request).__dict__, "replies": (reply,)})


async def _focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement?.shadowRoot?.activeElement?.className ?? ''"))
