"""Headwater processes for benchmarks: started on free ports with a data folder of their own, stopped at the end."""

import http.client
import json
import os
import pathlib
import select
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request


class Server:
    """One started executable of ours. Use as a context manager; `url` is its public address."""

    def __init__(self, command, log_path):
        self._log = open(log_path, "wb")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log)
        try:
            self.url, self._ops_url = self._ready_urls(log_path)
        except Exception:
            self._stop()
            raise

    def metrics(self):
        with urllib.request.urlopen(self._ops_url + "/metrics", timeout=10) as answer:
            return answer.read().decode()

    @property
    def pid(self):
        return self._process.pid

    def cpu_seconds(self):
        """What it and its PostgreSQL have used of the processors so far."""
        parents, used = {}, {}
        for folder in pathlib.Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                except OSError:  # it has just ended
                    continue
                parents[int(folder.name)] = int(fields[1])
                used[int(folder.name)] = int(fields[11]) + int(fields[12])

        def is_ours(pid):
            return pid == self.pid or (pid in parents and is_ours(parents[pid]))

        return sum(ticks for pid, ticks in used.items() if is_ours(pid)) / os.sysconf("SC_CLK_TCK")

    def _ready_urls(self, log_path, timeout=90):
        deadline, seen = time.monotonic() + timeout, b""
        while time.monotonic() < deadline:
            if select.select([self._process.stdout], [], [], 0.2)[0]:
                piece = os.read(self._process.stdout.fileno(), 4096)
                seen += piece
                if b"\n" in seen and b"ready http" in seen:
                    words = seen.decode().split("ready ")[1].split()
                    return words[0], words[2]  # URL "ops" URL
                if not piece:
                    break
        raise RuntimeError(f"no ready line from {self._process.args[0]}; its log ends:\n"
                           + pathlib.Path(log_path).read_text(errors="replace")[-2000:])

    def call(self, method, path, body):
        """One request with a JSON body; returns the answer's JSON, raises on anything but 2xx."""
        return self.call_text(method, path, json.dumps(body))

    def call_text(self, method, path, body):
        """The same with a body that is JSON text already."""
        where = urllib.parse.urlparse(self.url)
        connection = (http.client.HTTPSConnection(where.netloc, timeout=20, context=ssl._create_unverified_context())
                      if where.scheme == "https" else http.client.HTTPConnection(where.netloc, timeout=20))
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status // 100 != 2:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]}")
        return json.loads(text)

    def _stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stop()


class WorkFolder(tempfile.TemporaryDirectory):
    """A temporary folder that PostgreSQL's user can pass through (as root it is not ours)."""

    def __init__(self):
        super().__init__(prefix="headwater-bench-", ignore_cleanup_errors=True)
        os.chmod(self.name, 0o755)
        self.path = pathlib.Path(self.name)
