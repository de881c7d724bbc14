"""How every page looks: the colours of ``theme.css``."""

import re
from pathlib import Path

THEME = Path(__file__).with_name("theme.css")
DARK = "@media (prefers-color-scheme: dark)"


def read_colours(scheme: str = "light") -> dict[str, str]:
    """Return the colours by name, such as ``{"ink": "#1d2733"}``.

    Parameters
    ----------
    scheme : str
        ``light`` or ``dark``.
    """
    light, dark = THEME.read_text(encoding="utf-8").split(DARK)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))
