"""Names by a hash what decides predictions: this folder, the packages, the processor, and a class of the user's own."""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

from stages.command.processor import VARIABLES, describe_processor
from stages.crossval_predict.models.own import find_class
from stages.crossval_predict.models.pretrained import describe_network
from stages.crossval_predict.models.registry import VIEWS, is_fine_tuned

FOLDER = Path(__file__).parent
PACKAGES = ("numpy", "pandas", "scikit-learn", "scipy", "skorch", "torch")
# The folders into which packages are installed: what is in there is known by its version.
INSTALLED = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class Origin:
    """Where a class comes from.

    Attributes
    ----------
    content : str
        The SHA-256 of its source and the versions of its packages.
    files : tuple of str
        Its source, if that lies in the current folder: the file and those that it imports.
    """

    content: str = ""
    files: tuple[str, ...] = ()


def describe_code() -> str:
    """Return the SHA-256 of all files in this folder, the versions of what they use, and how the processor rounds."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in PACKAGES).encode())
    digest.update(f"{describe_processor()} {VARIABLES}".encode())
    for path in sorted(FOLDER.rglob("*.py")):
        digest.update(path.relative_to(FOLDER).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def find_origin(name: str) -> Origin:
    """Return where the class comes from that ``crossval_predict.model`` names; nowhere if it is built in."""
    if name in VIEWS:
        return Origin()
    if is_fine_tuned(name):
        return Origin(describe_network(name))
    found = find_class(name)
    module = name.partition(":")[0] if ":" in name else name.rpartition(".")[0]
    root = _find_root(module)
    files = _find_sources({module, found.__module__}, root) if root else []
    digest = hashlib.sha256(" ".join(_list_versions(found)).encode())
    for path in files:
        digest.update(path.read_bytes())
    here = tuple(path.relative_to(Path.cwd()).as_posix() for path in files if path.is_relative_to(Path.cwd()))
    return Origin(digest.hexdigest(), here)


def _list_versions(found: type[Any]) -> list[str]:
    """Return the versions of the packages that a class is made of, beside `PACKAGES`."""
    tops = {base.__module__.partition(".")[0] for base in found.__mro__}
    tops -= {"builtins", "sklearn", *PACKAGES, *sys.stdlib_module_names}
    names = packages_distributions() if tops else {}
    return sorted({f"{name} {version(name)}" for top in tops for name in names.get(top, ())})


def _find_root(module: str) -> Path | None:
    """Return the folder that a module is imported from, unless it is installed there."""
    name = module.partition(".")[0]
    top = sys.modules[name]
    if not getattr(top, "__file__", None):
        places = [Path(place).parent for place in getattr(top, "__path__", ())]
    else:
        path = Path(str(top.__file__)).resolve()
        places = [path.parent.parent if path.name == "__init__.py" else path.parent]
    own = (place for place in places if not INSTALLED & set(place.parts) and name not in sys.stdlib_module_names)
    return next(own, None)


def _find_sources(modules: set[str], root: Path) -> list[Path]:
    """Return the files of modules and of all that they import from the same folder."""
    todo, found = list(modules), set[Path]()
    while todo:
        parts = todo.pop().split(".")
        bases = [root.joinpath(*parts[:end]) for end in range(1, len(parts) + 1)]
        for path in (path for base in bases for path in (base.with_name(f"{base.name}.py"), base / "__init__.py")):
            if path.is_file() and path not in found:
                found.add(path)
                todo += _list_imports(path, root)
    return sorted(filter(_does_something, found))


def _list_imports(path: Path, root: Path) -> Iterator[str]:
    package = ".".join(path.parent.relative_to(root).parts)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            named = importlib.util.resolve_name("." * node.level + (node.module or ""), package or None)
            yield from (f"{named}.{alias.name}" for alias in node.names)


def _does_something(path: Path) -> bool:
    """Say whether a module has more in it than a docstring."""
    return any(not isinstance(node, ast.Expr) for node in ast.parse(path.read_bytes()).body)
