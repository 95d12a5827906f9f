"""The console in real browsers, around a real desk: two people, one resident, and what goes wrong between them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.app import PASSWORD, ROOT
from tests.e2e.browser import chromium, violations
from tests.e2e.running import free_port

pytestmark = pytest.mark.browser
XSS = [
    "<script>window.__pwned=1</script>", "<img src=x onerror='window.__pwned=1'>", "<svg onload='window.__pwned=1'>",
    "javascript:window.__pwned=1", "</textarea></li><script>window.__pwned=1</script>",
    "<a href='javascript:alert(1)'>x</a>", "<iframe srcdoc='<script>parent.__pwned=1</script>'>",
    "\u202e<style>*{display:none}</style>", "${window.__pwned=1}",
    "<template><script>window.__pwned=1</script></template>",
]


class Desk:
    """The desk as a process that can be killed and started again on the same database, and a resident who writes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.console.app", str(self.port), str(self.folder)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert self.process.stdout is not None
        while b'"port"' not in (line := self.process.stdout.readline()):
            assert line, "the desk did not start"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def ask(self, path: str, document: dict[str, str] | None = None) -> Any:
        data = json.dumps(document).encode() if document is not None else None
        request = urllib.request.Request(self.address + path, data=data, headers={"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def say(self, chat: str, text: str) -> str:
        return str(self.ask("/resident/say", {"chat": chat, "text": text})["id"])

    def waiting(self, chat: str, text: str = "Where do I get my crash report?") -> str:
        """A resident who asked for a person; the conversation's id."""
        self.say(chat, text)
        return self.say(chat, "human")

    def sees(self, conversation_id: str) -> list[tuple[str, str]]:
        return [(one["author"], one["text"]) for one in self.ask(f"/resident/{conversation_id}")["lines"]]

    def typing(self, conversation_id: str, seconds: float = 5) -> str | None:
        """Who is writing to the resident; waits for somebody to, since a keystroke is on its way for a moment."""
        end = time.monotonic() + seconds
        while not (who := self.ask(f"/resident/{conversation_id}")["typing"]) and time.monotonic() < end:
            time.sleep(0.05)
        return who

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


Person = Callable[..., Page]


@pytest.fixture
def person(desk: Desk, browser: Browser) -> Iterator[Person]:
    """``person("rivera")``: a page in a browser context of its own, signed in."""
    contexts = []

    def signed_in(username: str, **options: Any) -> Page:
        context = browser.new_context(locale="en-US", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{desk.address}/console/sign-in")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url("**/console/")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def claim(page: Page, desk: Desk, conversation_id: str) -> None:
    page.goto(f"{desk.address}/console/conversations/{conversation_id}")
    page.click("#claim")
    can_reply(page)


def can_reply(page: Page) -> None:
    """The box is there before its script is."""
    page.wait_for_selector("#reply")
    # A selector: to wait for a function, the browser evaluates a text for each look, which the page's policy refuses.
    page.wait_for_selector("console-conversation:defined")


def test_of_two_browsers_that_claim_at_once_one_wins(desk: Desk, person: Person) -> None:
    conversation_id = desk.waiting("race")
    pages = [person("rivera"), person("chen")]
    for page in pages:
        page.goto(f"{desk.address}/console/conversations/{conversation_id}")
    at = time.time() * 1000 + 1000  # both press at one moment, so that neither has heard of the other
    for page in pages:
        page.evaluate("at => setTimeout(() => document.querySelector('#claim').click(), at - Date.now())", at)
    for page in pages:
        page.wait_for_url("**/conversations/**")
        page.wait_for_selector("#reply, .closed:has-text('Only')")
    winners = [page.locator("#reply").count() for page in pages]
    assert sorted(winners) == [0, 1]
    loser = pages[winners.index(0)]
    expect(loser.locator("[role=alert]")).to_contain_text("Someone is already helping this resident")
    joined = [text for author, text in desk.sees(conversation_id) if "You are now writing with" in text]
    assert len(joined) == 1


def test_words_and_typing_go_both_ways_without_a_reload(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("both-ways"), person("rivera")
    claim(page, desk, conversation_id)
    desk.ask("/resident/typing", {"id": conversation_id})
    expect(page.locator("[data-news]")).to_contain_text("The resident is typing.")
    desk.say("both-ways", "It was on Main Street")
    expect(page.locator("[data-lines]")).to_contain_text("It was on Main Street")
    page.locator("#reply").press_sequentially("Your report")
    assert desk.typing(conversation_id) == "Officer Rivera"
    page.fill("#reply", "Your report is ready.")
    page.press("#reply", "Control+Enter")
    expect(page.locator("#reply")).to_have_value("")
    expect(page.locator(".line.staff")).to_contain_text("Your report is ready.")
    assert ("staff", "Your report is ready.") in desk.sees(conversation_id)
    expect(page.locator("[data-news]")).not_to_contain_text("typing", timeout=15_000)


def test_a_new_request_appears_in_the_queue_by_itself_and_leaves_it_when_claimed(desk: Desk, person: Person) -> None:
    watching, helping = person("chen"), person("rivera")
    row = f"form[action*='{desk.waiting('live-queue')}']"
    expect(watching.locator(row)).to_be_visible()
    assert watching.title().startswith("(")
    conversation_id = desk.say("live-queue", "hello?")
    claim(helping, desk, conversation_id)
    expect(watching.locator(row)).to_have_count(0)
    entry = watching.locator(".entry", has=watching.locator(f"a[href$='{conversation_id}']"))
    expect(entry).to_contain_text("Officer Rivera")


def test_the_page_of_somebody_else_follows_the_claim(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("follows"), person("chen")
    page.goto(f"{desk.address}/console/conversations/{conversation_id}")
    page.wait_for_selector("#claim")
    claim(person("rivera"), desk, conversation_id)
    expect(page.locator("[data-compose]")).to_contain_text("Only")
    assert page.locator("#claim").count() == 0


def test_a_draft_is_kept_when_sending_fails_and_goes_out_once(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("draft"), person("rivera")
    claim(page, desk, conversation_id)
    page.route("**/reply", lambda route: route.abort())
    page.fill("#reply", "a long and careful answer")
    page.click("form[data-reply] button")
    expect(page.locator(".trouble")).to_contain_text("Not sent. Your text is still here")
    expect(page.locator("#reply")).to_have_value("a long and careful answer")
    page.reload()
    expect(page.locator("#reply")).to_have_value("a long and careful answer")
    page.unroute("**/reply")
    # The desk takes it, the answer is lost, the person sends again.
    page.route("**/reply", lambda route: (route.fetch(), route.abort()), times=1)
    page.click("form[data-reply] button")
    expect(page.locator(".trouble")).to_be_visible()
    page.click("form[data-reply] button")
    expect(page.locator("#reply")).to_have_value("")
    assert desk.sees(conversation_id).count(("staff", "a long and careful answer")) == 1


def test_that_a_reply_was_not_sent_stays_told_when_the_live_connection_comes_late(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("late"), person("rivera")
    page.add_init_script("""window.WebSocket = class extends WebSocket {
        set onopen(heard) {
            super.onopen = (event) => setTimeout(() => { heard(event); document.title = "open"; }, 1500);
        }
    }""")
    claim(page, desk, conversation_id)
    page.route("**/reply", lambda route: route.abort())
    page.fill("#reply", "a careful answer")
    page.click("form[data-reply] button")
    expect(page.locator(".trouble")).to_contain_text("Not sent")
    expect(page).to_have_title("open")
    expect(page.locator(".trouble")).to_contain_text("Not sent", timeout=1000)


def test_a_killed_desk_loses_nothing_and_the_page_comes_back(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("killed"), person("rivera")
    claim(page, desk, conversation_id)
    page.fill("#reply", "half a sentence")
    desk.kill()
    expect(page.locator(".trouble")).to_contain_text("The connection was lost")
    desk.start()
    desk.say("killed", "are you still there?")
    expect(page.locator("[data-lines]")).to_contain_text("are you still there?", timeout=40_000)
    expect(page.locator(".trouble")).to_have_count(0)
    expect(page.locator("#reply")).to_have_value("half a sentence")
    page.click("form[data-reply] button")
    expect(page.locator(".line.staff")).to_contain_text("half a sentence")


def test_signing_out_elsewhere_ends_the_live_page(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("ended"), person("chen")
    page.goto(f"{desk.address}/console/conversations/{conversation_id}")
    page.wait_for_selector("#claim")
    admin = person("okafor")
    admin.goto(f"{desk.address}/console/staff")
    admin.locator("tr", has_text="Clerk Chen").get_by_role("button", name="Sign out everywhere").click()
    admin.wait_for_url("**/staff?done=signed_out")
    desk.say("ended", "a word only staff may read")
    expect(page.locator(".trouble")).to_contain_text("You were signed out", timeout=30_000)
    assert "a word only staff may read" not in page.content()
    link = page.locator(".trouble a").get_attribute("href")
    assert link == f"/console/sign-in?next=/console/conversations/{conversation_id}"


def test_a_one_time_link_is_read_from_the_fragment_and_leaves_the_address_bar(desk: Desk, browser: Browser) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    code = desk.ask("/resident/invite", {})["code"]
    page.goto(f"{desk.address}/console/welcome#{code}")
    expect(page.locator("[data-code-found]")).to_be_visible()
    assert page.url == f"{desk.address}/console/welcome"
    assert not any(code in one for one in asked)
    page.fill("#name", "Lt. Moss")
    page.fill("#username", "moss")
    for field in ("password", "password-again"):
        page.fill(f"#{field}", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/console/")
    expect(page.get_by_role("link", name="Staff")).to_be_visible()
    cookie = next(one for one in page.context.cookies() if one["name"] == "__Host-frontdesk-staff")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
    page.context.close()


def test_everything_but_live_updates_works_without_javascript(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("no-script"), person("rivera", java_script_enabled=False)
    page.goto(f"{desk.address}/console/")
    page.click(f"form[action*='{conversation_id}/claim'] button")
    page.fill("#reply", "Written without a script")
    page.click("form[data-reply] button")
    expect(page.locator(".line.staff")).to_contain_text("Written without a script")
    page.click("#hand-back")
    expect(page.locator("[role=status].note")).to_contain_text("The assistant answers the resident again")
    assert ("staff", "Written without a script") in desk.sees(conversation_id)


def test_a_resident_is_helped_with_the_keyboard_alone(desk: Desk, person: Person) -> None:
    conversation_id, page = desk.waiting("keyboard"), person("chen")

    def tab_to(selector: str, most: int = 80) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab never reaches {selector}")

    tab_to(".skip")
    page.keyboard.press("Enter")
    tab_to(f"a[href$='{conversation_id}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{conversation_id}")
    tab_to("#claim")
    page.keyboard.press("Enter")
    can_reply(page)
    tab_to("#reply")
    page.keyboard.type("Typed by hand")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".line.staff")).to_contain_text("Typed by hand")
    assert page.evaluate("document.activeElement.id") == "reply"
    tab_to("#resolve")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/?done=resolved")


def test_nothing_that_is_written_runs(desk: Desk, person: Person) -> None:
    page = person("rivera")
    for number, text in enumerate(XSS):
        conversation_id = desk.waiting(f"xss{number}", text)
        claim(page, desk, conversation_id)
        page.fill("#reply", text)
        page.press("#reply", "Control+Enter")
        expect(page.locator("#reply")).to_have_value("")
        desk.say(f"xss{number}", text)
        expect(page.locator(".line.resident")).to_have_count(3)
        assert page.evaluate("window.__pwned") is None
        assert page.locator("main iframe, main img, main style, main script").count() == 0
    page.goto(f"{desk.address}/console/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__pwned") is None
    assert desk.ask("/csp-reports") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_any_page(desk: Desk, person: Person, browser: Browser, scheme: str, width: int) -> None:
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 850}}
    emergency = desk.waiting(f"axe-{scheme}-{width}", "someone is breaking into my house right now")
    other = desk.waiting(f"axe2-{scheme}-{width}")
    found: dict[str, list[dict[str, Any]]] = {}
    outside = browser.new_context(**options).new_page()
    for path in ("/console/sign-in", "/console/welcome", "/console/sign-in?note=out&language=es"):
        outside.goto(desk.address + path)
        found[path] = violations(outside)
    outside.context.close()
    page = person("okafor", **options)
    for path in ("/console/", "/console/staff", f"/console/conversations/{other}", "/console/conversations/nothing"):
        page.goto(desk.address + path)
        found[path] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    claim(page, desk, emergency)
    page.route("**/reply", lambda route: route.abort())
    page.fill("#reply", "x")
    page.press("#reply", "Control+Enter")
    page.wait_for_selector(".trouble")
    found["conversation"] = violations(page)
    assert {path: some for path, some in found.items() if some} == {}
