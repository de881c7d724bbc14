"""The keyboard of the review page: layouts and scripts, composed letters, held keys, and keys that reviewers change."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import expect, new_tab, open_review, settle, wait_until_ready
from tests.review import Page, add_plan, make_artifacts, serve_review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLASSES = ["cat", "dog", "owl", "café"]
ALT, CONTROL, META, SHIFT = 1, 2, 4, 8


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with serve_review(make_artifacts(tmp_path, CLASSES, 240, 90)) as page:
        yield page


@pytest.fixture
def tab(browser: "Browser", page: Page) -> Any:
    tab = new_tab(browser)
    open_review(tab, page.url)
    return tab


class Keyboard:
    """Sends the events of a keyboard of any layout to a tab, as the browser has them from the system."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.session = tab.context.new_cdp_session(tab)

    def down(self, key: str, code: str, modifiers: int = 0, **more: Any) -> None:
        text = key if len(key) <= 2 and not modifiers & ~SHIFT else ""
        event = {"key": key, "code": code, "modifiers": modifiers, "text": text, **more}
        self.session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})

    def press(self, key: str, code: str, modifiers: int = 0, **more: Any) -> None:
        self.down(key, code, modifiers, **more)
        self.session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": code, **more})

    def compose(self, text: str) -> None:
        self.press("Process", "KeyK", windowsVirtualKeyCode=229)
        self.session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )

    def commit(self, text: str) -> None:
        self.session.send("Input.insertText", {"text": text})


def read_lines(page: Page) -> list[dict[str, str]]:
    with page.decisions.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_at(tab: Any, number: int) -> None:
    expect(tab.locator(".heading .id")).to_have_text(f"id row-{number}")


def decisions(tab: Any, page: Page, place: int) -> list[str]:
    """Return what was decided, as soon as the row at a place is shown and nothing is on its way."""
    is_at(tab, place)
    settle(tab)
    expect(tab.locator(".badge", has_text="saving")).to_have_count(0)
    return [line["label"] or line["decision"] for line in read_lines(page)]


# of each layout: what is typed at which place, with which modifiers, and what it decides
K, X, S, A = "keep", "remove", "unsure", "accept"
LAYOUTS = {
    "Russian": [("л", "KeyK", 0, K), ("ч", "KeyX", 0, X), ("Ы", "KeyS", SHIFT, S)],
    "Greek": [("κ", "KeyK", 0, K), ("χ", "KeyX", 0, X), ("σ", "KeyS", 0, S)],
    "Arabic": [("ن", "KeyK", 0, K), ("ء", "KeyX", 0, X), ("١", "Digit1", 0, "cat"), ("٤", "Digit4", 0, "café")],
    "Persian": [("ن", "KeyK", 0, K), ("۲", "Digit2", 0, "dog")],
    "Hebrew": [("ל", "KeyK", 0, K), ("ס", "KeyX", 0, X), ("ד", "KeyS", 0, S)],
    "Hindi": [("क", "KeyK", 0, K), ("ं", "KeyX", 0, X), ("२", "Digit2", 0, "dog")],
    "Thai": [("า", "KeyK", 0, K), ("ป", "KeyX", 0, X), ("ๅ", "Digit1", 0, "cat"), ("/", "Digit2", 0, "dog")],
    "Korean": [("ㅏ", "KeyK", 0, K), ("ㅌ", "KeyX", 0, X)],
    "Japanese kana": [("の", "KeyK", 0, K), ("さ", "KeyX", 0, X)],
    "full width": [("ｋ", "KeyK", 0, K), ("Ｘ", "KeyX", SHIFT, X), ("２", "Digit2", 0, "dog")],
    "AZERTY": [("&", "Digit1", 0, "cat"), ("é", "Digit2", 0, "dog"), ('"', "Digit3", 0, "owl"),
               ("4", "Digit4", SHIFT, "café"), ("k", "KeyK", 0, K)],
    "Czech": [("+", "Digit1", 0, "cat"), ("ě", "Digit2", 0, "dog"), ("3", "Digit3", SHIFT, "owl")],
    "Dvorak": [("k", "KeyV", 0, K), ("x", "KeyB", 0, X), ("s", "Semicolon", 0, S)],
    "Turkish": [("k", "KeyK", 0, K), ("x", "KeyX", 0, X)],
    "capitals": [("K", "KeyK", 0, K), ("X", "KeyX", SHIFT, X), ("k", "KeyK", SHIFT, K)],
    "numbers apart": [("1", "Numpad1", 0, "cat"), ("2", "Numpad2", 0, "dog")],
}  # fmt: skip


def test_every_layout_decides(tab: Any, page: Page) -> None:
    keyboard, rows = Keyboard(tab), iter(page.read("/api/session")["rows"])
    expected = []
    for presses in LAYOUTS.values():
        # a Latin letter that is no key: the page knows no more of the layout than when it was opened
        keyboard.press("ø", "Semicolon")
        for key, code, modifiers, said in presses:
            keyboard.press(key, code, modifiers)
            expected.append("keep" if said == next(rows)["given_label"] else said)
    assert decisions(tab, page, len(expected)) == expected
    assert tab.complaints == []


# nothing is decided by what is on another key, composed or a command
NOTHING = {
    "@ of a US keyboard": ("@", "Digit2", SHIFT),
    "a letter of Dvorak at the place of K": ("t", "KeyK", 0),
    "a letter of AZERTY at the place of A": ("q", "KeyA", 0),
    "a sign of Dvorak at the place of W": (",", "KeyW", 0),
    "a letter with an accent at the place of W": ("é", "KeyW", 0),
    "a dead key": ("Dead", "KeyK", 0),
    "an unknown key of a phone": ("Unidentified", "", 0),
    "what composes": ("Process", "KeyK", 0),
    "a modifier": ("Shift", "ShiftLeft", SHIFT),
    "Ctrl": ("k", "KeyK", CONTROL),
    "Alt": ("k", "KeyK", ALT),
    "Meta": ("k", "KeyK", META),
    "Ctrl in Cyrillic": ("л", "KeyK", CONTROL),
    "Ctrl+Shift": ("K", "KeyK", CONTROL | SHIFT),
    "Alt and a digit": ("1", "Digit1", ALT),
}


def test_nothing_is_decided_by_other_keys(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    did = {}
    for case, press in NOTHING.items():
        keyboard.press(*press)
        did[case] = tab.evaluate("[document.querySelector('.heading .id').innerText, document.activeElement.id]")
    assert {case: found for case, found in did.items() if found != ["id row-0", ""]} == {}
    keyboard.press("x", "KeyX")
    assert decisions(tab, page, 1) == ["remove"]
    assert tab.complaints == []


def test_signs_at_the_places_of_letters_go_by_the_script_of_the_letters(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    # ";" is at the place of Q in Greek, of Z in Dvorak
    expect(tab.locator("#tabs button")).to_have_count(2)
    keyboard.press("'", "KeyW")
    assert tab.evaluate("document.activeElement.id") == ""
    # in Hebrew it is there too
    keyboard.press("ל", "KeyK")
    is_at(tab, 1)
    keyboard.press("'", "KeyW")
    assert tab.evaluate("document.activeElement.id") == "note"


PRESS = """(init) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }))"""


def test_what_needs_altgr_is_typed_and_no_command(tab: Any, page: Page) -> None:
    # as Windows tells of it, and as Linux does
    for more in ({"ctrlKey": True, "altKey": True}, {}):
        tab.evaluate(PRESS, {"key": "?", "code": "Minus", "modifierAltGraph": True, **more})
        expect(tab.locator("#help")).to_be_visible()
        tab.keyboard.press("Escape")
        expect(tab.locator("#help")).to_be_hidden()
    # another letter is typed there, and its place says nothing
    tab.evaluate(PRESS, {"key": "л", "code": "KeyK", "modifierAltGraph": True})
    # Arabic has a question mark of its own
    tab.evaluate(PRESS, {"key": "؟", "code": "Slash", "shiftKey": True})
    expect(tab.locator("#help")).to_be_visible()
    assert read_lines(page) == []


def test_a_browser_that_fills_in_a_field_names_no_key(tab: Any, page: Page) -> None:
    tab.evaluate("document.body.dispatchEvent(new Event('keydown', { bubbles: true }))")
    tab.keyboard.press("k")
    assert decisions(tab, page, 1) == ["keep"]
    assert tab.complaints == []


def test_a_page_that_has_lost_focus_decides_nothing(tab: Any, page: Page) -> None:
    tab.evaluate("document.hasFocus = () => false")
    tab.keyboard.press("k")
    tab.evaluate("delete document.hasFocus")
    tab.keyboard.press("x")
    assert decisions(tab, page, 1) == ["remove"]


def test_a_held_key_decides_once_and_goes_on_moving(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    for repeat in (False, True, True, True):
        keyboard.down("k", "KeyK", autoRepeat=repeat)
    is_at(tab, 1)
    for repeat in (False, True, True):
        keyboard.down("ArrowRight", "ArrowRight", autoRepeat=repeat)
    is_at(tab, 4)
    # held when the page got the focus
    keyboard.down("x", "KeyX", autoRepeat=True)
    assert decisions(tab, page, 4) == ["keep"]


@pytest.mark.parametrize(("key", "field"), [("c", "#class-name"), ("w", "#note")])
def test_a_held_key_writes_nothing_into_the_field_that_it_opens(tab: Any, key: str, field: str) -> None:
    keyboard = Keyboard(tab)
    for repeat in (False, True, True):
        keyboard.down(key, f"Key{key.upper()}", autoRepeat=repeat)
    expect(tab.locator(field)).to_be_focused()
    assert tab.locator(field).input_value() == ""
    keyboard.press(key, f"Key{key.upper()}")
    assert tab.locator(field).input_value() == key


def test_enter_that_is_held_presses_a_button_once(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    tab.locator("#keep").focus()
    for repeat in (False, True, True):
        # a page that keeps the focus where it was
        keyboard.down("Enter", "Enter", autoRepeat=repeat, text="\r", windowsVirtualKeyCode=13)
        tab.locator("#keep").focus()
    assert decisions(tab, page, 1) == ["keep"]


def test_what_is_composed_in_the_note_decides_nothing(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    tab.keyboard.press("w")
    keyboard.compose("か")
    # Enter ends the composition
    keyboard.press("Enter", "Enter", windowsVirtualKeyCode=229)
    keyboard.commit("蚊")
    expect(tab.locator("#note")).to_be_focused()
    keyboard.compose("k")
    keyboard.press("Escape", "Escape", windowsVirtualKeyCode=229)
    keyboard.commit("k")
    expect(tab.locator("#note")).to_be_focused()
    assert tab.locator("#note").input_value() == "蚊k"
    assert read_lines(page) == []
    tab.keyboard.press("Enter")
    expect(tab.locator("#note")).not_to_be_focused()
    tab.keyboard.press("x")
    assert decisions(tab, page, 1) == ["remove"]
    assert read_lines(page)[0]["note"] == "蚊k"


def test_while_letters_are_composed_no_class_is_chosen(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    tab.keyboard.press("c")
    keyboard.compose("cat")
    keyboard.press("Enter", "Enter", windowsVirtualKeyCode=229)
    expect(tab.locator("#chooser")).to_be_visible()
    keyboard.commit("café")
    expect(tab.locator("#chooser")).to_be_visible()
    assert read_lines(page) == []
    tab.keyboard.press("Enter")
    expect(tab.locator("#chooser")).to_be_hidden()
    assert decisions(tab, page, 1) in (["café"], ["keep"])


def test_what_is_composed_in_no_field_decides_nothing(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    for text in ("k", "か"):
        keyboard.compose(text)
        keyboard.press("k", "KeyK", windowsVirtualKeyCode=229)
        keyboard.press("Enter", "Enter", windowsVirtualKeyCode=229)
        keyboard.commit(text)
    tab.evaluate(PRESS, {"key": "k", "code": "KeyK", "isComposing": True})
    is_at(tab, 0)
    tab.keyboard.press("x")
    assert decisions(tab, page, 1) == ["remove"]


def change(tab: Any, name: str, key: str) -> None:
    """Give an entry of the table another key, in the help that is open."""
    tab.locator(f"#change-{name}").click()
    expect(tab.locator("#help-said")).to_contain_text("Press the new key for: ")
    tab.keyboard.press(key)


def test_keys_are_changed_kept_and_reset(browser: "Browser", tab: Any, page: Page) -> None:
    tab.keyboard.press("?")
    said = tab.locator("#help-said")
    expect(tab.locator("#reset-keys")).to_be_disabled()
    line = tab.locator("#help tr", has=tab.locator("#change-tab-map"))
    expect(line).to_have_text("V the tab Map: all rows at once")
    change(tab, "keep", "j")
    expect(said).to_have_text("J is the key now.")
    expect(tab.locator("#change-keep")).to_have_text("J")
    expect(tab.locator("#keep kbd")).to_have_text("J")
    change(tab, "undo", "Backspace")
    change(tab, "remove", "Shift+J")
    expect(tab.locator("#change-remove")).to_have_text("Shift+J")
    tab.keyboard.press("Escape")
    # Esc is not for a key here: it closes the help
    expect(tab.locator("#help")).to_be_hidden()
    for key in ("k", "x", "u", "j", "Shift+J"):
        tab.keyboard.press(key)
    assert decisions(tab, page, 2) == ["keep", "remove"]
    tab.keyboard.press("Backspace")
    is_at(tab, 1)
    # also after a reload, and in another tab that is open
    other = tab.context.new_page()
    open_review(other, page.url)
    expect(other.locator("#keep kbd")).to_have_text("J")
    tab.reload()
    wait_until_ready(tab)
    tab.keyboard.press("?")
    expect(tab.locator("#change-keep")).to_have_text("J")
    tab.locator("#reset-keys").click()
    expect(tab.locator("#change-keep")).to_have_text("K")
    expect(other.locator("#keep kbd")).to_have_text("K")
    tab.keyboard.press("Escape")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    is_at(tab, 2)
    assert tab.complaints == []


REFUSED = [
    ("x", "X is taken: remove the example."),
    ("u", "U is taken: undo your last decision, also after a restart."),
    ("Shift+U", "Shift+U is taken: do again what you took back last."),
    ("ArrowLeft", "ArrowLeft is taken: previous and next (page, among many)."),
    ("3", "Digits choose classes."),
    ("Space", "Space cannot be used."),
    ("Tab", "Tab cannot be used."),
    ("F5", "F5 cannot be used."),
    ("Control+j", "With Ctrl, Alt or Meta, a key belongs to the browser."),
]


def test_a_key_that_cannot_be_is_refused_with_one_line(tab: Any, page: Page) -> None:
    tab.keyboard.press("?")
    for key, said in REFUSED:
        change(tab, "keep", key)
        expect(tab.locator("#help-said")).to_have_text(said)
    # it still waits for one
    tab.keyboard.press("Escape")
    expect(tab.locator("#change-keep")).to_have_text("K")
    expect(tab.locator("#help")).to_be_visible()
    tab.keyboard.press("Escape")
    tab.keyboard.press("k")
    assert decisions(tab, page, 1) == ["keep"]


def test_a_key_of_another_script_is_changed_by_its_place(tab: Any, page: Page) -> None:
    keyboard = Keyboard(tab)
    tab.keyboard.press("?")
    tab.locator("#change-keep").click()
    keyboard.press("ч", "KeyX")
    expect(tab.locator("#help-said")).to_have_text("X is taken: remove the example.")
    keyboard.press("о", "KeyJ")
    expect(tab.locator("#change-keep")).to_have_text("J")
    tab.locator("#change-remove").click()
    keyboard.press("ж", "Semicolon")
    expect(tab.locator("#change-remove")).to_have_text("Ж")
    tab.keyboard.press("Escape")
    keyboard.press("j", "KeyJ")
    keyboard.press("ж", "Semicolon")
    assert decisions(tab, page, 2) == ["keep", "remove"]


KEPT = [
    ('{"keep": "X"}', "KX"),
    ('{"keep": "X", "remove": "K"}', "XK"),
    ('{"keep": "J", "remove": "J"}', "KX"),
    ('{"keep": 7, "gone": "J", "class": "J"}', "KX"),
    ('{"keep": "J", "remove": "', "KX"),
    ("null", "KX"),
    ("[]", "KX"),
]


def test_what_the_browser_has_kept_gives_no_key_to_two(tab: Any, page: Page) -> None:
    for count, (kept, signs) in enumerate(KEPT, start=1):
        tab.evaluate("(kept) => localStorage.setItem('review:keys', kept)", kept)
        if count in (1, len(KEPT)):
            tab.reload()
            wait_until_ready(tab)
        # it is read again in the same way if another tab has kept something
        tab.evaluate("dispatchEvent(new StorageEvent('storage', { key: 'review:keys' }))")
        assert tab.locator("#keep kbd, #remove kbd").all_inner_texts() == [*signs]
        tab.keyboard.press(signs[0])
        assert decisions(tab, page, count) == ["keep"] * count
    assert tab.complaints == []


def test_changed_keys_stand_in_every_tab(browser: "Browser", tmp_path: Path) -> None:
    folder = make_artifacts(tmp_path, CLASSES, 120, 20)
    add_plan(folder)
    with serve_review(folder) as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        tab.keyboard.press("?")
        change(tab, "keep", ";")
        change(tab, "tab-certify", "j")
        tab.keyboard.press("Escape")
        tab.keyboard.press("g")
        expect(tab.locator("#bulk .keep kbd")).to_have_text(";")
        tab.keyboard.press("j")
        expect(tab.locator("#keep")).to_have_text("Right ;")
        tab.keyboard.press(";")
        expect(tab.locator("#counts")).to_contain_text("1 row looked at")
        assert [line["decision"] for line in read_lines(page)] == ["keep"]


def test_a_key_right_after_a_dialog_is_closed_is_for_the_page(tab: Any) -> None:
    tab.keyboard.press("c")
    tab.locator("#chooser[open]").wait_for()
    # in one go: before the browser has taken the focus from the closed dialog
    press = "new KeyboardEvent('keydown', { key: 'k', code: 'KeyK', bubbles: true, cancelable: true })"
    tab.locator("#class-name").evaluate(
        f"(field) => {{ field.closest('dialog').close(); field.dispatchEvent({press}); }}"
    )
    expect(tab.locator("#toast")).to_contain_text("kept")
