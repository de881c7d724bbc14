"""The environment for commands that start stages."""

import os
import sys
from pathlib import Path


def make_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with some variables more, in which ``python`` is the one that runs here.

    dvc.yaml calls it by that name, and the virtual environment of this one need not be activated.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", **variables}
