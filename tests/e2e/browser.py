"""Chromium for tests: Debian's own, without its calls home, and axe for accessibility."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import expect as expect_async
from playwright.sync_api import Browser, Page, expect, sync_playwright

# Both halves of playwright, for every browser test: how long what should come may take on a busy machine.
for each in (expect, expect_async):
    each.set_options(timeout=20_000)

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page) -> list[dict[str, Any]]:
    """axe's findings on the page as it stands: rule, how bad, and where."""
    # The page's own policy forbids foreign scripts, so axe comes in through the debugger and not as a tag.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    run = f"axe.run(document, {{runOnly: {json.dumps(WCAG)}}}).then(r => JSON.stringify(r.violations))"
    found = session.send("Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True})
    session.detach()
    return [
        {"rule": one["id"], "impact": one["impact"], "where": [node["target"] for node in one["nodes"]][:3]}
        for one in json.loads(found["result"]["value"])
    ]
