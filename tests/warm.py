"""Runs Python's commands in processes that start warm: forked from a server that has imported what the stages import.

Importing torch, cleanlab and DVC takes longer than most of what tests run. The server, one for each pytest worker,
imports them once, and none of this repository's own modules. For each command it forks a process that takes over the
command's arguments, folder, environment and outputs. In `folder`, ``python`` and ``dvc`` are commands that ask the
server, so that the stages that DVC starts are warm too. Another server has imported the review page, this repository's
own modules included: it is for folders that hold no code. Whatever needs a limit is started as any process is.
"""

import os
import socket
import sys

LENGTH_BYTES = 4
# what takes long to import; the rest a command imports itself
IMPORTED = {
    "stages": (
        "numpy", "pandas", "scipy.sparse", "torch", "torch._dynamo", "skorch", "joblib", "sklearn.compose",
        "sklearn.datasets", "sklearn.ensemble", "sklearn.feature_extraction.text", "sklearn.linear_model",
        "sklearn.neighbors", "sklearn.pipeline", "cleanlab.filter", "matplotlib.figure",
        "matplotlib.backends.backend_agg", "PIL.PngImagePlugin", "jinja2", "pydantic.main", "pydantic.types", "yaml",
        "pooch", "filelock", "semver",
        "dvc.cli.parser", "dvc.repo", "dvc.repo.reproduce", "dvc.api", "dvc.cachemgr", "dvc.data_cloud", "dvc_data.fs",
        "dvc_render", "configobj", "dulwich.porcelain", "flatten_dict", "networkx", "pygit2", "ruamel.yaml",
        "scmrepo.fs", "aiohttp_retry", "dvc_s3", "dvc_ssh", "s3fs", "sshfs",
    ),
    # this repository's modules too; uvicorn imports by name
    "review": ("review.__main__", "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.protocols.http.auto"),
}  # fmt: skip


def start(
    address: str, command: list[str], folder: str, env: dict[str, str], outputs: list[int]
) -> tuple[int, socket.socket]:
    """Start a command, and return its process's id and the connection on which its exit code will come.

    Parameters
    ----------
    address : str
        The server's socket.
    command : list of str
        ``dvc …``, ``python -m MODULE …`` or ``python -c CODE …``.
    folder : str
        The folder to run it in.
    env : dict of str
        Its environment.
    outputs : list of int
        The file descriptors of its standard input, output and error.
    """
    parts = [folder, str(len(command)), *command, *(f"{key}={value}" for key, value in env.items())]
    message = "\0".join(parts).encode(errors="surrogateescape")
    server = socket.socket(socket.AF_UNIX)
    server.connect(address)
    socket.send_fds(server, [len(message).to_bytes(LENGTH_BYTES, "big")], outputs)
    server.sendall(message)
    return int.from_bytes(server.recv(LENGTH_BYTES), "big"), server


def call(address: str, command: list[str], folder: str, env: dict[str, str], outputs: list[int]) -> int:
    """Run a command and return its exit code, or the signal that ended it, below 0."""
    _, server = start(address, command, folder, env, outputs)
    with server:
        return read_code(server.recv(LENGTH_BYTES))


def read_code(answer: bytes) -> int:
    """Return the exit code that a server tells; a command whose server has gone was killed with it."""
    return int.from_bytes(answer, "big", signed=True) if answer else -9


def serve(address: str) -> None:
    """Fork a process for each command until standard input ends, which is when whoever started the server does."""
    import contextlib
    import gc
    import importlib
    import select
    import signal

    if name_of(address) == "review":
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
    gc.disable()
    for name in IMPORTED[name_of(address)]:
        # an extra of DVC's may be missing
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.enable()
    keep_locks_quickly()
    keep_readers_awake()
    # it is run as the main module
    sys.modules.pop("review.__main__", None)
    # so that what a command starts is warm too
    sys.executable = f"{address.rpartition('/')[0]}/python"
    # of which a server that was started in the background has none
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    gc.freeze()
    running: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while sys.stdin not in (ready := select.select([sys.stdin, listener, ended], [], [])[0]):
            if listener in ready:
                client, _ = listener.accept()
                if not (child := os.fork()):
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for each in (listener, ended, wake, *running.values()):
                        each.close()
                    answer(client)
                # of its own, as what a terminal's Ctrl+C reaches
                os.setpgid(child, child)
                client.sendall(child.to_bytes(LENGTH_BYTES, "big"))
                running[child] = client
            if ended in ready:
                ended.recv(4096)
                tell_ended(running)
    for child in running:
        os.waitpid(child, 0)


def keep_locks_quickly() -> None:
    """Let DVC read dvc.lock before it writes it as it does elsewhere, and write it by PyYAML's emitter in C.

    ruamel.yaml's parser and emitter in Python keep comments, of which dvc.lock has none, and take half the time of a
    `dvc repro` of small data. What is written says the same, but for where a long line is broken.
    """
    import contextlib
    import io

    with contextlib.suppress(ImportError):
        from dvc.utils.serialize import _yaml as serializing

        parse, dump = serializing.parse_yaml_for_update, serializing._dump

        def parse_quickly(text: str, path: str) -> object:
            parser = serializing.parse_yaml if name_of(str(path)) == "dvc.lock" else parse
            return parser(text, path)

        def dump_quickly(content: object, file: io.TextIOWrapper) -> None:
            if name_of(file.name) == "dvc.lock":
                file.write(write_lock(content))
            else:
                dump(content, file)

        serializing.parse_yaml_for_update, serializing._dump = parse_quickly, dump_quickly


def keep_readers_awake() -> None:
    """Let pygit2 look again after a while whether a file of a commit has been read.

    Version 1.21 waits for ever if its reader resets the signal right after the writer gave it for the last time: once
    in some hundred thousand files, of which the tests read as many.
    """
    import contextlib
    import threading
    import types

    class Patient(threading.Event):
        def wait(self, timeout: float | None = 0.1) -> bool:
            return super().wait(timeout)

    with contextlib.suppress(ImportError):
        from pygit2 import blob

        blob.threading = types.SimpleNamespace(Event=Patient, Thread=threading.Thread)  # type: ignore[attr-defined, assignment]


def write_lock(content: object) -> str:
    """Return a dvc.lock as DVC reads it."""
    import re

    import yaml

    class Dumper(yaml.CSafeDumper):
        pass

    # DVC's dictionaries; what is empty; and text that is a number only to YAML 1.2, which DVC reads
    Dumper.add_multi_representer(dict, lambda dumper, mapping: dumper.represent_dict(mapping.items()))
    Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+[eE][-+]?\d+$"), list("-+0123456789"))
    return yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def tell_ended(running: dict[int, socket.socket]) -> None:
    """Tell whoever waits for them the exit codes of the processes that have ended."""
    import contextlib

    for child in list(running):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            # somebody may wait no more
            with running.pop(child) as client, contextlib.suppress(BrokenPipeError):
                client.sendall(code.to_bytes(LENGTH_BYTES, "big", signed=True))


def answer(client: socket.socket) -> None:
    """Become the command that a client asks for, and leave with its exit code."""
    head, outputs, _, _ = socket.recv_fds(client, LENGTH_BYTES, 3)
    length = int.from_bytes(head, "big")
    message = b""
    while len(message) < length:
        message += client.recv(length - len(message))
    folder, count, *rest = message.decode(errors="surrogateescape").split("\0")
    command, env = rest[: int(count)], dict(entry.split("=", 1) for entry in rest[int(count) :])
    client.close()
    for number, output in enumerate(outputs):
        os.dup2(output, number)
        os.close(output)
    code = 1
    try:
        code = run(command, folder, env)
    finally:
        os._exit(code)


def run(command: list[str], folder: str, env: dict[str, str]) -> int:
    """Run a command in this process, as Python does one of its own, and return the exit code."""
    import atexit
    import tempfile
    import threading
    import traceback

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in env
    code = 1
    try:
        run_main(command)
        code = 0
    except SystemExit as left:
        code = exit_code(left)
    except BaseException:
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def run_main(command: list[str]) -> None:
    """Run the module or the code that a command names as the main module."""
    import importlib
    import runpy
    import types
    from pathlib import Path

    own = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    program, *arguments = command
    kind, what, *arguments = ["dvc", "dvc", *arguments] if name_of(program) == "dvc" else arguments
    here = {"-m": [str(Path.cwd())], "-c": [""], "dvc": []}[kind]
    sys.path[:] = [*here, *own, *sys.path]
    if any((Path(folder) / "sitecustomize.py").exists() for folder in own):
        # as Python does at its start
        importlib.import_module("sitecustomize")
    sys.argv[:] = [program if kind == "dvc" else kind, *arguments]
    if kind == "-c":
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), sys.modules["__main__"].__dict__)
    else:
        runpy.run_module(what, run_name="__main__", alter_sys=True)


def exit_code(left: SystemExit) -> int:
    """Return the code that Python leaves with, which prints what is no code."""
    if left.code is None or isinstance(left.code, int):
        return (left.code or 0) & 0xFF
    print(left.code, file=sys.stderr)
    return 1


def name_of(program: str) -> str:
    """Return a program's name without its folder."""
    return program.rpartition("/")[2]


def is_warm(command: list[str]) -> bool:
    """Say whether the server runs a command: DVC, or Python with a module or code."""
    name = name_of(command[0])
    return name == "dvc" or (name.startswith("python") and command[1:2] in (["-m"], ["-c"]))


def main(address: str, python: str, command: list[str]) -> None:
    """Ask the server for DVC or a stage; what else Python is called for it does itself, as joblib's workers need."""
    import signal

    modules = ("dvc", "labels", "stages.", "review.start.")
    asks = command[1:2] == ["-m"] and command[2].startswith(modules)
    if not asks and name_of(command[0]) != "dvc":
        os.execv(python, [python, *command[1:]])
    signals = (signal.SIGINT, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    pid, server = start(address, command, os.getcwd(), dict(os.environ), [0, 1, 2])  # noqa: PTH109
    for number in signals:
        signal.signal(number, lambda sign, _: os.killpg(pid, sign))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    code = read_code(server.recv(LENGTH_BYTES))
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    # the folder of this file
    del sys.path[0]
    serve(sys.argv[1])
