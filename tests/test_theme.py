"""One set of colours for every page and figure, in which all text can be read, in the light and in the dark."""

import re

import pytest

from stages.artifacts.theme import THEME, read_colours
from tests.conftest import ROOT

# what the pages write on what
PAIRS = [
    *((text, ground) for text in ("ink", "muted", "accent", "alert", "good") for ground in ("ground", "paper")),
    ("accent", "accent-soft"), ("alert", "alert-soft"), ("good", "good-soft"), ("ink", "accent-soft"),
    ("paper", "ink"),
]  # fmt: skip
Colour = tuple[float, ...]


def parse(colour: str) -> Colour:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def contrast(*colours: Colour) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    linear = [[c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour] for colour in colours]
    low, high = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in linear)
    return (high + 0.05) / (low + 0.05)


def darken(colour: Colour, paper: Colour) -> Colour:
    """Return what the theme makes of a figure's colour in the dark: inverted, turned by half a circle, screened."""
    inverted = [1 - c for c in colour]
    grey = sum(weight * c for weight, c in zip((0.213, 0.715, 0.072), inverted, strict=True))
    turned = [min(1.0, max(0.0, 2 * grey - c)) for c in inverted]
    return tuple(1 - (1 - c) * (1 - p) for c, p in zip(turned, paper, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    colours = read_colours(scheme)
    assert contrast(parse(colours[text]), parse(colours[ground])) >= 4.5


@pytest.mark.parametrize("name", ["ink", "muted", "accent", "alert"])
def test_a_figure_drawn_for_the_light_can_be_read_in_the_dark(name: str) -> None:
    paper = parse(read_colours("dark")["paper"])
    light = read_colours("light")
    assert darken(parse(light["paper"]), paper) == pytest.approx(paper)
    assert contrast(darken(parse(light[name]), paper), paper) >= 4.5


def test_no_other_file_has_colours_of_its_own() -> None:
    assert set(read_colours("light")) == set(read_colours("dark"))
    styles = [path for path in ROOT.rglob("*.css") if path != THEME and ".venv" not in path.parts]
    templates = [path for folder in ("stages", "labels") for path in (ROOT / folder).rglob("*.jinja")]
    assert len(styles) == 6
    for path in (*styles, *templates):
        # black is what pictures lie on, and white what is written on them
        assert set(re.findall(r"#[0-9a-f]{3,6}\b", path.read_text())) <= {"#000", "#fff"}, path
