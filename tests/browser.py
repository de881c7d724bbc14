"""The browser that the tests drive, where one is installed, and tabs in it."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# the first one is Chromium without windows, which takes a fifth less processor time
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# all pages in one process, see `hold_process`, which draws them too: each new one takes longer than a page
FEW_PROCESSES = [
    "--process-per-site", "--disable-site-isolation-trials", "--renderer-process-limit=1", "--in-process-gpu",
]  # fmt: skip
# that of all servers of the tests
SITE = "http://127.0.0.1/"
USUAL: Any = {"viewport": {"width": 1280, "height": 800}}
# a wait ends when what it waits for is there; this long only on a busy machine
WAIT_S = 60
WAIT_MS = 1000 * WAIT_S
# What the page shows for some seconds stays until a busy machine has looked at it. What it does every few seconds, or a
# second later, it does soon: a question costs the server little, but not nothing. What is still to come is counted.
TIMERS = f"""(() => {{
    const [later, forget, ask, repeat] = [setTimeout, clearTimeout, fetch, setInterval];
    const timers = new Set();
    let asked = 0;
    window.setTimeout = (act, ms, ...given) => {{
        if (ms > 5000) return later(act, {WAIT_MS}, ...given);
        const id = later(() => {{ timers.delete(id); act(...given); }}, ms >= 1000 ? 100 : ms);
        timers.add(id);
        return id;
    }};
    window.clearTimeout = (id) => {{ timers.delete(id); forget(id); }};
    window.setInterval = (act, ms, ...given) => repeat(act, Math.min(ms, 500), ...given);
    window.fetch = (...what) => {{
        asked += 1;
        return ask(...what).finally(() => {{ asked -= 1; }});
    }};
    const hasSettled = () => !asked && !timers.size && [...document.images].every((image) => image.complete);
    window.settle = async () => {{
        while (!hasSettled()) await new Promise((done) => later(done, 10));
    }};
}})();"""


@contextmanager
def run_loop(loop: asyncio.AbstractEventLoop | None) -> Iterator[None]:
    """Say until the context ends that this thread runs an event loop, or none.

    Playwright's stays halfway between two of its calls. While it is said to run, a test can start no other.
    """
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


def new_tab(browser: "Browser", **options: Any) -> Any:
    """Return an empty tab, which collects in ``complaints`` what the page logs as errors.

    A test's first usual one opens in a context that is left by the test before, and in its process, which takes half
    as long as another. Any other has a context of its own.
    """
    options = {**USUAL, **options}
    free = [context for context in browser.contexts if not list_tabs(context)]
    tab: Any = (free[0] if free and options == USUAL else browser.new_context(**options)).new_page()
    tab.set_default_timeout(WAIT_MS)
    tab.add_init_script(TIMERS)
    tab.complaints = []
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("console", lambda said: said.type == "error" and tab.complaints.append(said.text))
    return tab


def hold_process(browser: "Browser") -> None:
    """Open a context with a page that stays: by it the process of all pages of its site lives from test to test."""
    page: Any = browser.new_context(**USUAL).new_page()
    page.stays = True
    page.route("**", lambda route: route.fulfill(body=""))
    page.goto(SITE)


def list_tabs(context: Any) -> list[Any]:
    """Return the tabs of a context, apart from the page that stays."""
    return [tab for tab in context.pages if not getattr(tab, "stays", False)]


def close_tabs(browser: "Browser") -> None:
    """Close all tabs and contexts but the one whose process is held, and leave nothing in that."""
    from playwright.sync_api import Error

    for context in browser.contexts:
        if not any(getattr(page, "stays", False) for page in context.pages):
            context.close()
            continue
        try:
            empty(context)
        except Error:
            context.close()
            hold_process(browser)


def empty(context: Any) -> None:
    """Close the tabs of a context, and forget what their pages have kept."""
    for tab in list_tabs(context):
        address = urlsplit(tab.url)
        store = {"origin": f"{address.scheme}://{address.netloc}", "storageTypes": "all"}
        context.new_cdp_session(tab).send("Storage.clearDataForOrigin", store)
        tab.close()


def open_review(tab: Any, url: str) -> None:
    """Open the review page, and wait until it can be used."""
    tab.goto(url)
    wait_until_ready(tab)


def wait_until_ready(tab: Any) -> None:
    """Wait until the review page can be used."""
    tab.locator("body[data-ready=yes]").wait_for()


def settle(tab: Any) -> None:
    """Wait until nothing that a page has asked for, or will ask for by itself in a second, is on its way."""
    tab.evaluate("settle()")


def intercept(tab: Any, address: str, act: Any) -> None:
    """Let a function answer what an open page asks for at an address from now on.

    Chromium lets through what is asked for at once after it was told so, hence the question that comes first.
    """
    tab.route(address, act)
    tab.route("**/icon.svg?intercepted", lambda route: route.fulfill(body="yes"))
    ask = "fetch('./page/icon.svg?intercepted').then((answer) => answer.text())"
    while tab.evaluate(ask) != "yes":
        tab.wait_for_timeout(10)


def expect(locator: Any) -> Any:
    """Return assertions about a part of a page, which wait until they hold."""
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT_MS)
    return expect(locator)
