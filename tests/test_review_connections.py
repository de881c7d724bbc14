"""Who connects and says nothing keeps no place, and the token is on no command line."""

import contextlib
import http.client
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import new_tab, open_review
from tests.commands import run_python
from tests.review import Page, make_artifacts, serve_review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# `python -m review` whose connections wait less
HASTY = """
import runpy, sys
from review import connections
connections.REQUEST_S, connections.MOST = 0.5, 12
sys.argv[0] = "review"
runpy.run_module("review", run_name="__main__")
"""
HEAD_ONLY = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
SILENCES = {
    "nothing": b"",
    "one byte": b"G",
    "half a head": HEAD_ONLY,
    "a head, then nothing": HEAD_ONLY + b"\r\n",
    "a second head by half": HEAD_ONLY + b"\r\n" + HEAD_ONLY,
    "a body that does not come": HEAD_ONLY.replace(b"GET", b"POST") + b"Content-Length: 9\r\n\r\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_artifacts(tmp_path, ["a", "b", "c"], 30, 5)


@pytest.fixture
def page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    with serve_review(folder, code=HASTY) as page:
        yield page


def connect(page: Page, said: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", page.port), timeout=10)
    client.sendall(said)
    return client


@pytest.mark.parametrize("silence", SILENCES)
def test_who_falls_silent_is_let_go(page: Page, silence: str) -> None:
    with connect(page, SILENCES[silence]) as client:
        start = time.monotonic()
        while client.recv(1 << 16):
            pass
        assert time.monotonic() - start < 7
    assert page.read("/api/session")["rows"]


def test_who_says_one_byte_at_a_time_is_let_go(page: Page) -> None:
    with connect(page) as client:
        client.settimeout(0.05)
        for _ in range(100):
            with contextlib.suppress(TimeoutError):
                assert not client.recv(1)
                break
            client.sendall(b"G")
        else:
            pytest.fail("it is still listened to")


def test_an_open_connection_is_kept_while_it_asks(page: Page) -> None:
    client = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    for _ in range(8):
        client.request("GET", "/api/decisions", headers={"Cookie": page.cookie, "Host": f"localhost:{page.port}"})
        assert client.getresponse().read()
        time.sleep(0.2)
    client.close()


def test_connections_are_limited_and_those_that_are_there_work_on(page: Page) -> None:
    client = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    client.connect()
    held = [connect(page) for _ in range(40)]
    client.request("GET", "/api/decisions", headers={"Cookie": page.cookie, "Host": f"localhost:{page.port}"})
    assert client.getresponse().status == 200
    assert held[-1].recv(1) == b""
    for each in [client.sock, *held]:
        assert each is not None
        each.close()
    assert page.read("/api/session")["rows"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_while_others_hold_connections(folder: Path, sign: int) -> None:
    with serve_review(folder) as page:
        asked = HEAD_ONLY.replace(b"localhost", f"localhost:{page.port}\r\nCookie: {page.cookie}".encode())
        held = [connect(page, said) for said in (*SILENCES.values(), asked.replace(b"/", b"/api/session", 1) + b"\r\n")]
        # many answers that nobody takes
        held.append(connect(page, (asked.replace(b"/", b"/page/main.js", 1) + b"\r\n") * 3000))
        ends_soon(page, sign)
        for each in held:
            each.close()


# `python -m review` that takes long to describe a row
SLOW = """
import runpy, sys, time
from review.rows import EachRow
EachRow.describe = lambda *_: time.sleep(20) or {}
sys.argv[0] = "review"
runpy.run_module("review", run_name="__main__")
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_while_it_works_on_answers(folder: Path, sign: int) -> None:
    with serve_review(folder, code=SLOW) as page:
        head = f"GET /api/rows/1 HTTP/1.1\r\nHost: localhost:{page.port}\r\nCookie: {page.cookie}\r\n\r\n".encode()
        held = [connect(page, head) for _ in range(3)]
        # what is decided meanwhile is kept
        page.decide("row-1", "keep")
        ends_soon(page, sign)
        assert "row-1," in page.decisions.read_text()
        for each in held:
            each.close()


def test_it_ends_while_a_browser_sleeps(browser: "Browser", folder: Path) -> None:
    with serve_review(folder) as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        tab.context.new_cdp_session(tab).send("Page.setWebLifecycleState", {"state": "frozen"})
        ends_soon(page, signal.SIGINT)


def ends_soon(page: Page, sign: int) -> None:
    """Send a signal, and see that the server ends by it, without a complaint."""
    time.sleep(0.3)
    start = time.monotonic()
    page.process.send_signal(sign)
    assert page.process.wait(30) == 130
    # 1.5 s where it is not this machine that is busy
    assert time.monotonic() - start < 6
    assert page.process.stdout is not None
    assert "Traceback" not in page.process.stdout.read()


OPENING = """
import sys
from pathlib import Path
from review.browser import opened
with opened("http://127.0.0.1:8710/?token=SECRET", Path("data/toy/review-8710.partial")):
    print(Path("arguments").read_text())
"""
BROWSER = """#!/bin/sh
cd data/toy/*.partial
{ echo "$@"; stat -c %a . open.html; cat open.html; } > ../../../arguments
"""


def test_the_token_is_on_no_command_line(tmp_path: Path) -> None:
    (tmp_path / "data/toy/review-8710.partial").mkdir(parents=True)
    (tmp_path / "data/toy/review-8710.partial/open.html").write_text("of one that was killed")
    browser = tmp_path / "browser"
    browser.write_text(BROWSER)
    browser.chmod(stat.S_IRWXU)
    done = run_python("-c", OPENING, folder=tmp_path, env={"BROWSER": f"{browser} %s"}, server="review")
    command, folder_mode, file_mode, page, *_ = done.stdout.splitlines()
    assert command == (tmp_path / "data/toy/review-8710.partial/open.html").as_uri()
    assert (folder_mode, file_mode) == ("700", "600")
    assert 'content="0; url=http://127.0.0.1:8710/?token=SECRET"' in page
    assert not list((tmp_path / "data/toy").iterdir())
