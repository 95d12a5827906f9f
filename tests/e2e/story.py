"""``make story NAME=front-desk``: the main job in real browsers, a line a step, pictures in build/stories/<name>."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browser import chromium, violations
from tests.e2e.running import ROOT, RunningDesk, Telegram

STORIES = ROOT / "build" / "stories"
PASSWORD = "correct horse on Main Street"
ALEX = 1001


class Story:
    """Prints steps, takes pictures, counts what axe and the content policy complain about."""

    def __init__(self, name: str, say: Callable[[str], None] = print) -> None:
        self.folder, self.say, self.number = STORIES / name, say, 0
        self.began = time.monotonic()
        self.axe: dict[str, list[dict[str, object]]] = {}
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def step(self, words: str, page: Page | None = None, *, check: bool = True) -> None:
        self.number += 1
        self.say(f"{time.monotonic() - self.began:6.1f} s  {self.number:2}. {words}")
        if page is None:
            return
        page.screenshot(path=self.folder / f"{self.number:02}.png")
        if check:
            self.axe[words] = violations(page)


def front_desk(say: Callable[[str], None] = print) -> Story:
    """A resident and a staff member, then the same road over Telegram. Raises when a step does not come about."""
    story = Story("front-desk", say)
    with tempfile.TemporaryDirectory(prefix="frontdesk-story-") as scratch, Telegram() as telegram:
        variables = {"telegram_token": telegram.token, "telegram_api_url": telegram.url}
        with RunningDesk(Path(scratch), **variables) as desk, chromium() as browser:
            story.step("the desk is ready")
            staff = _first_admin(story, desk, browser)
            resident = _context(browser, 1280, 900).new_page()
            _widget_questions(story, desk, resident)
            _leaves_a_message(story, desk, browser)
            _handoff(story, staff, resident)
            _looks(story, desk, browser, resident, staff)
            _over_telegram(story, telegram, staff)
            story.reports = _policy_reports(desk)  # type: ignore[attr-defined]
    found = {words: rules for words, rules in story.axe.items() if rules}
    say(f"axe: {len(story.axe)} pages looked at, {sum(map(len, found.values()))} violations")
    say(f"content policy: {story.reports} reports")  # type: ignore[attr-defined]
    say(f"pictures: {story.folder.relative_to(ROOT)}")
    assert not found, found
    assert story.reports == 0  # type: ignore[attr-defined]
    return story


def _context(browser: Browser, width: int, height: int, *, scheme: str = "light") -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    return context


def _first_admin(story: Story, desk: RunningDesk, browser: Browser) -> Page:
    page = _context(browser, 1280, 900).new_page()
    page.goto(desk.link)
    page.fill("#name", "Sam Rivera")
    page.fill("#username", "srivera")
    page.fill("#password", PASSWORD)
    page.fill("#password-again", PASSWORD)
    story.step("staff open the one-time link", page)
    page.click("button.main")
    page.wait_for_url("**/console/")
    story.step("the first admin sees the empty queue", page)
    return page


def _widget_questions(story: Story, desk: RunningDesk, page: Page) -> None:
    page.goto(desk.address)
    page.get_by_role("button", name="Ask", exact=False).first.wait_for()
    story.step("the department's page with the widget closed", page)
    page.locator("frontdesk-chat button.launcher").click()
    story.step("the widget says what it is before anything is written", page)
    ask(page, "how do i get a copy of my accident report")
    expect(_log(page)).to_contain_text("order a crash report")
    story.step("an English question is answered", page)
    ask(page, "se me perdio la cartera ayer, que hago")
    expect(_log(page)).to_contain_text("Depósito de Bienes")
    story.step("a Spanish question is answered in Spanish", page)
    ask(page, "someone is breaking into my house right now")
    expect(_log(page)).to_contain_text("Nobody has been sent to you")
    story.step("an emergency is stopped at once", page)


def _leaves_a_message(story: Story, desk: RunningDesk, browser: Browser) -> None:
    page = _context(browser, 1280, 900).new_page()
    page.goto(desk.address)
    page.locator("frontdesk-chat button.launcher").click()
    ask(page, "has anybody looked at the burglary report i filed last month")
    expect(_log(page)).to_contain_text("What is it about?")
    ask(page, "I have the serial numbers of the stolen bikes [[phone]] {about}")
    expect(_log(page)).to_contain_text("How should the unit reach you?")
    ask(page, "what are your opening hours")
    ask(page, "312 555 0134")
    expect(_log(page)).to_contain_text("Please check your message")
    story.step("a form: what about, how to reach you, check", page)
    page.locator("frontdesk-chat").get_by_role("button", name="Yes, leave it").click()
    expect(_log(page)).to_contain_text("Your reference is")
    story.step("the message is left; the receipt says what it is not", page)
    page.context.close()


def _handoff(story: Story, staff: Page, resident: Page) -> None:
    ask(resident, "quiero hablar con una persona")
    expect(_log(resident)).to_contain_text("1 en la fila") if _is_open(resident) else expect(
        _log(resident)
    ).to_contain_text("asistente")
    story.step("the resident asks for a person and is told when", resident)
    claim = staff.locator("form[action$='/claim'] button").first
    claim.wait_for()
    story.step("the queue shows it without a reload", staff)
    claim.click()
    staff.locator("#reply").wait_for()
    expect(_log(resident)).to_contain_text("Sam Rivera")
    story.step("staff claim it; the resident is told who is speaking", resident)
    staff.fill("#reply", "Buenos días, soy Sam. ¿En qué le ayudo?")
    staff.locator("form[data-reply] button").click()
    expect(_log(resident)).to_contain_text("soy Sam")
    ask(resident, "gracias, ya encontre mi cartera")
    expect(staff.locator("[data-lines]")).to_contain_text("ya encontre mi cartera")
    story.step("they write to each other, both ways", staff)
    staff.locator("form[action$='/resolve'] button").first.click()
    expect(_log(resident)).to_contain_text("Sam Rivera cerró esta conversación")
    ask(resident, "cuanto cuesta el reporte de choque")
    expect(_log(resident)).to_contain_text("$8")
    story.step("after 'resolved' the assistant answers again", resident)


def _is_open(page: Page) -> bool:
    return page.locator("frontdesk-chat .log").get_by_text("número", exact=False).count() > 0


def _looks(story: Story, desk: RunningDesk, browser: Browser, resident: Page, staff: Page) -> None:
    for scheme in ("light", "dark"):
        for name, width, height in (("desktop", 1280, 900), ("phone", 390, 844)):
            page = _context(browser, width, height, scheme=scheme).new_page()
            page.goto(desk.address)
            page.locator("frontdesk-chat button.launcher").click()
            ask(page, "how do i pay a parking ticket")
            expect(_log(page)).to_contain_text("Source:")
            story.step(f"the widget, {scheme}, {name}", page)
            page.context.close()
    staff.emulate_media(color_scheme="dark")
    staff.goto(f"{desk.address}/console/")
    story.step("the console, dark, desktop", staff)
    staff.set_viewport_size({"width": 390, "height": 844})
    story.step("the console, dark, phone", staff)
    staff.emulate_media(color_scheme="light")
    staff.set_viewport_size({"width": 1280, "height": 900})
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{desk.address}/chat")
    plain.locator("textarea").fill("what are your opening hours")
    plain.locator("form:has(textarea) button[type=submit], form:has(textarea) button:not([type])").first.click()
    plain.wait_for_timeout(1500)
    plain.reload()
    story.step("/chat answers without JavaScript", plain, check=False)
    assert "what are your opening hours" in plain.content()


def _over_telegram(story: Story, telegram: Telegram, staff: Page) -> None:
    telegram.act(ALEX, "text", text="/start")
    telegram.wait_for_text(ALEX, "automated assistant")
    telegram.act(ALEX, "text", text="where was my car towed to")
    telegram.wait_for_text(ALEX, "Search your plate")
    story.step("Telegram: an English question is answered")
    telegram.act(ALEX, "text", text="how do i follow up on my case")
    telegram.wait_for_text(ALEX, "Investigations")
    telegram.act(ALEX, "text", text="cancel")
    telegram.act(ALEX, "text", text="there is a man with a gun outside my door")
    telegram.wait_for_text(ALEX, "Nobody has been sent")
    story.step("Telegram: an emergency is stopped at once")
    telegram.act(ALEX, "text", text="human")
    telegram.wait_for_text(ALEX, "I have asked a person")
    claim = staff.locator("form[action$='/claim'] button").first
    claim.wait_for()
    claim.click()
    staff.locator("#reply").wait_for()
    staff.fill("#reply", "Hello, this is Sam. How can I help?")
    staff.locator("form[data-reply] button").click()
    telegram.wait_for_text(ALEX, "this is Sam")
    telegram.act(ALEX, "text", text="just wanted to say thanks")
    expect(staff.locator("[data-lines]")).to_contain_text("just wanted to say thanks")
    story.step("Telegram: staff and resident write to each other", staff)
    staff.locator("form[action$='/resolve'] button").first.click()
    telegram.wait_for_text(ALEX, "has closed this conversation")
    telegram.act(ALEX, "text", text="how much is the alarm permit")
    telegram.wait_for_text(ALEX, "$20")
    story.step("Telegram: the assistant answers again")


def _policy_reports(desk: RunningDesk) -> int:
    return sum("csp.report" in line for line in desk.lines)


def ask(page: Page, text: str) -> None:
    """Write into the widget and send with the keyboard."""
    page.locator("frontdesk-chat #box").fill(text)
    page.keyboard.press("Enter")


def _log(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("frontdesk-chat .log")


STORIES_BY_NAME = {"front-desk": front_desk}

if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "front-desk"
    if wanted not in STORIES_BY_NAME:
        raise SystemExit(f"There is no story '{wanted}'. There are: {', '.join(STORIES_BY_NAME)}")
    STORIES_BY_NAME[wanted]()
