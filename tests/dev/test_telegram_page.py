"""The simulator's page, as a newcomer uses it: in a real browser, with a real desk behind."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.dev.telegram_simulator import SimulatorProcess
from tests.channels.telegram_parts import TelegramDesk, telegram_desk
from tests.e2e.browser import ARGUMENTS, AXE

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    if not (ROOT / "bot/static/dist/simulator.js").exists():
        subprocess.run(["node", "frontend/build.mjs"], cwd=ROOT, check=True)
    with SimulatorProcess(scale=0.1) as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path, simulator: SimulatorProcess) -> AsyncIterator[TelegramDesk]:
    simulator.reset()
    async with telegram_desk(tmp_path, simulator) as made:
        yield made


@pytest.fixture
async def page(desk: TelegramDesk) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        made = await browser.new_page()
        problems: list[str] = []
        made.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        made.on("pageerror", lambda error: problems.append(str(error)))
        await made.goto(desk.telegram.url)
        yield made
        await browser.close()
        assert [problem for problem in problems if "favicon" not in problem] == []


async def test_a_conversation_in_the_browser(page: Page, desk: TelegramDesk):
    chat = page.get_by_role("log", name="Messages")
    await page.get_by_label("Message", exact=True).fill("where is <b>the</b> station")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(chat).to_contain_text("answer to where is <b>the</b> station")
    await page.get_by_label("Write as").select_option(label="Blanca (es)")
    await page.get_by_role("button", name="/idioma").click()
    await chat.get_by_role("button", name="English").click()
    await expect(chat).to_contain_text("I will answer in English")
    await expect(chat.get_by_role("button", name="✓ English")).to_be_visible()
    await page.get_by_label("Or send").select_option(label="a photo")
    await page.get_by_role("button", name="Send this").click()
    await expect(chat).to_contain_text("I can only read text here")
    await page.get_by_role("button", name="Block the bot").click()
    await expect(page.get_by_role("button", name="Unblock the bot")).to_have_attribute("aria-pressed", "true")


async def test_the_page_is_accessible(page: Page, desk: TelegramDesk):
    await page.get_by_label("Message", exact=True).fill("hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log", name="Messages")).to_contain_text("answer to hello")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.evaluate(AXE.read_text())
        found = await page.evaluate("axe.run()")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
