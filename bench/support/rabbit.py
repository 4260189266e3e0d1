"""A RabbitMQ node of the benchmark's own: home, data, ports and port mapper (epmd) are nobody else's."""

import os
import pathlib
import pwd
import signal
import socket
import subprocess
import time

PROGRAMS = pathlib.Path("/usr/lib/rabbitmq/bin")
USER = "rabbitmq"  # its scripts refuse root


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rabbit:
    """Use as a context manager; takes connections from guest:guest on 127.0.0.1, `port`."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir()
        self.port, mapper, distribution = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        name = f"b{self.port}@localhost"
        (self._folder / "rabbitmq.conf").write_text(f"listeners.tcp.default = 127.0.0.1:{self.port}\n")
        (self._folder / "enabled_plugins").write_text("[].\n")
        self._env = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder), "RABBITMQ_NODENAME": name,
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia", "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid", "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins", "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",
            "ERL_EPMD_PORT": str(mapper), "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The script then becomes the server instead of waiting for it.
            "NOTIFY_SOCKET": f"{folder}/none", **({"QUIET": os.environ["QUIET"]} if "QUIET" in os.environ else {})}
        if os.getuid() == 0:
            account = pwd.getpwnam(USER)
            os.chown(folder, account.pw_uid, account.pw_gid)
        self._mapper = self._launch(["/usr/bin/epmd", "-port", str(mapper), "-address", "127.0.0.1"])
        self._node = self._launch([str(PROGRAMS / "rabbitmq-server")])
        self._wait_until_ready()

    def _launch(self, command):
        become = ["--reuid=" + USER, "--regid=" + USER, "--init-groups"] if os.getuid() == 0 else []
        return subprocess.Popen(["/usr/bin/setpriv", *become, "--pdeathsig=KILL", "--", *command], env=self._env,
                                cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _wait_until_ready(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._node.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 2) as probe:
                    probe.settimeout(2)
                    probe.sendall(b"AMQP\0\0\x09\x01")
                    if probe.recv(1):
                        return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError("RabbitMQ does not start")

    def stop(self):
        self._node.send_signal(signal.SIGTERM)
        try:
            self._node.wait(30)
        except subprocess.TimeoutExpired:
            self._node.kill()
            self._node.wait()
        self._mapper.kill()
        self._mapper.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
