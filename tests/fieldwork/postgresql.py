"""A real PostgreSQL server for tests: Debian's package, on the loopback, in a folder of its own that is thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PASSWORD = "loopback only"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
}


def programs() -> Path | None:
    """Folder of the newest server installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Server:
    """A server that can be stopped, killed and started again; `url` names one of its databases."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        memory = Path("/dev/shm")  # where the disk costs nothing, fsync can stay on
        room = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
        self.folder = Path(tempfile.mkdtemp(prefix="symmetry-postgres-", dir=memory if room else None))
        self.port = _free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            "initdb",
            "-D",
            self._data,
            "-U",
            "tester",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in {**_SETTINGS, "port": self.port}.items())
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    @property
    def pid(self) -> int:
        """Process of the postmaster."""
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def url(self, database: str = "postgres") -> str:
        """URL of one database."""
        return f"postgresql://tester:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each in a transaction of its own."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def backends(self, database: str) -> list[int]:
        """Processes that serve the connections to a database."""
        import psycopg

        asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with psycopg.connect(self.url()) as connection:
            return [pid for (pid,) in connection.execute(asked, [database])]

    def start(self) -> None:
        """Start it, and wait until it takes connections; after a kill, once what was killed is gone."""
        command = ("pg_ctl", "-D", self._data, "-w", "-s", "-l", str(self.folder / "log"), "start")
        for _ in range(50):
            if self._run(*command, check=False) == 0:
                return
            time.sleep(0.1)
        self._run(*command)

    def stop(self) -> None:
        """Stop it as an administrator in a hurry would: connections are cut."""
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-m", "fast", "stop")

    def kill(self) -> None:
        """`kill -9` of the postmaster and whatever it started; `start` recovers it."""
        pid = self.pid
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
        for process in [pid, *map(int, children.split())]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def remove(self) -> None:
        """Stop it for good."""
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
        )
        if check and done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout.decode(errors='replace')}")
        return done.returncode


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
