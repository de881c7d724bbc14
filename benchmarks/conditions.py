"""The conditions under which a figure was measured."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "skorch", "cleanlab", "numpy")


def print_conditions() -> None:
    """Print the processor, how many cores of it there are, how busy they are, and the versions of what is measured."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [line for line in cpuinfo.read_text().splitlines() if "model name" in line] if cpuinfo.exists() else []
    processor = names[0].split(":")[1].strip() if names else platform.machine()
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = f"load {os.getloadavg()[0]:.1f} at the start"
    print(f"{processor}, {os.cpu_count()} cores, {load}; Python {platform.python_version()}, {versions}\n")
