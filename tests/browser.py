"""The browser that the tests drive, where one is installed, and tabs in it."""

import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# a wait ends when what it waits for is there; this long only on a busy machine
WAIT_S = 60
WAIT_MS = 1000 * WAIT_S
# what the page shows for some seconds stays until a busy machine has looked at it
SLOW_TIMERS = f"""
    const later = window.setTimeout;
    window.setTimeout = (act, ms) => later(act, ms > 5000 ? {WAIT_MS} : ms);
"""


def new_tab(browser: "Browser", **options: Any) -> Any:
    """Return an empty tab with a context of its own, which collects in ``complaints`` what the page logs as errors."""
    tab: Any = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options}).new_page()
    tab.set_default_timeout(WAIT_MS)
    tab.add_init_script(SLOW_TIMERS)
    tab.complaints = []
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("console", lambda said: said.type == "error" and tab.complaints.append(said.text))
    return tab


def open_review(tab: Any, url: str) -> None:
    """Open the review page, and wait until it can be used."""
    tab.goto(url)
    wait_until_ready(tab)


def wait_until_ready(tab: Any) -> None:
    """Wait until the review page can be used."""
    tab.locator("body[data-ready=yes]").wait_for()


def expect(locator: Any) -> Any:
    """Return assertions about a part of a page, which wait until they hold."""
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT_MS)
    return expect(locator)
