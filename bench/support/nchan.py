"""nginx with its nchan module on a free port: one channel, published to by POST, subscribed to by WebSocket."""

import os
import pathlib
import signal
import socket
import subprocess
import time

MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so"
PUBLISH, SUBSCRIBE = "/publish", "/subscribe"

# As many workers as cores, as Debian's own configuration has it. The channel keeps all messages of a run: with fewer, who is
# slower than the publisher loses some.
CONFIGURATION = """
load_module {module};
daemon off;
{user}
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_rlimit_nofile {descriptors};
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    nchan_max_reserved_memory 256M;
    nchan_message_buffer_length 10000;
    server {{
        listen 127.0.0.1:{port};
        location = {publish} {{ nchan_publisher; nchan_channel_id bench; }}
        location = {subscribe} {{
            nchan_subscriber websocket;
            nchan_channel_id bench;
            nchan_subscriber_first_message newest;
        }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nchan:
    """Use as a context manager; `pids` are its processes."""

    def __init__(self, folder, connections):
        folder.mkdir()
        self.port = free_port()
        self._folder = folder
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(
            module=MODULE, folder=folder, port=self.port, publish=PUBLISH, subscribe=SUBSCRIBE,
            user="user root;" if os.geteuid() == 0 else "", connections=connections, descriptors=connections + 100))
        self._process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", folder, "-c", configuration, "-e", folder / "error.log"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait_until_ready()

    def _wait_until_ready(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self._stop()
        log = pathlib.Path(self._folder / "error.log")
        raise RuntimeError("nginx did not start: " + (log.read_text()[-1000:] if log.exists() else "no log"))

    @property
    def pids(self):
        master = self._process.pid
        children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [master, *map(int, children)]

    def _stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stop()
