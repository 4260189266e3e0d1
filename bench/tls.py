"""What TLS costs on the public port: intake, live fan-out, new connections and memory, plain and with TLS.

Two servers, one plain, one with a certificate for an elliptic-curve key, each with a private PostgreSQL, are measured in turn. The
load clients run on this machine too and pay for their side of TLS on the same cores.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from live_load import LiveLoad  # noqa: E402
from load import run, wrk  # noqa: E402
from processes import cpu_seconds, resident_bytes  # noqa: E402
from server import Server, WorkFolder  # noqa: E402

TYPE = "bench:tls"
BODY = ('{"type":"%s","payload":{"campaign_id":123,"reason":"the budget has ended","amount":"1499.90","currency":"EUR",'
        '"at":"2018-02-01T11:12:01Z"}}' % TYPE)
SEND, LIVE = "/api/events/send", f"/api/events/?types={TYPE}"
NAMES = ("plain", "TLS")
IDLE = 2_000


def make_certificate(folder):
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], cwd=folder)
    os.chmod(folder / "key.pem", 0o644)
    return ["--tls-cert", folder / "certificate.pem", "--tls-key", folder / "key.pem"]


class Comparison:
    """Both servers and their clients; each phase prints medians for both."""

    def __init__(self, options, folder, servers):
        self._seconds, self._rounds, self._servers = options.seconds, options.rounds, servers
        self._body = folder / "one.json"
        self._body.write_text(BODY)
        self._clients = {}
        for name, server in servers.items():
            server.call("PUT", "/api/events/register", {"type": TYPE, "ttl": "1day"})
            port = int(server.url.rsplit(":", 1)[1])
            common = ["--greeting", "--ids", "--publish", SEND, "--subscribe", LIVE, "--body", self._body]
            self._clients[name] = LiveLoad(options.build / "headwater_live_load", port,
                                           common + (["--tls"] if name == "TLS" else []))

    def _compare(self, what, unit, measure):
        figures = {name: [] for name in NAMES}
        for _ in range(self._rounds):
            for name in NAMES:
                figures[name].append(measure(name))
        medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in figures.items()}
        for name in NAMES:
            rate, cost = medians[name]
            print(f"  {what:<38}{name:<6}{rate:>12,.0f} {unit:<11}{cost:>8.2f} µs of the server's CPU each")
        print(f"  {'':<38}{'':<6}{medians['TLS'][0] / medians['plain'][0]:>12.2f} of plain")
        sys.stdout.flush()

    def _with_cpu(self, name, measure):
        """(rate, µs of CPU for each) of a measurement that returns (count, seconds)."""
        before = cpu_seconds([self._servers[name].pid])
        count, seconds = measure()
        return count / seconds, (cpu_seconds([self._servers[name].pid]) - before) / count * 1e6

    def intake(self):
        def measure(name):
            def load():
                result = wrk(self._servers[name].url + SEND, self._body, 64, self._seconds)
                if result.note:
                    raise RuntimeError(f"intake: {result.note}")
                return result.answered, result.answered / result.rate
            return self._with_cpu(name, load)
        self._compare("POST send, 64 connections", "events/s", measure)

    def fan_out(self):
        def measure(name):
            def load():
                result = self._clients[name].run("--subscribers", 1000, "--publishers", 16, "--events", 200)
                return result["events"], result["seconds"]
            return self._with_cpu(name, load)
        self._compare("200 events to 1,000 WebSockets", "messages/s", measure)

    def connect(self):
        """A connection for each request, from one client with one connection at a time."""
        def measure(name):
            def load():
                began, count = time.monotonic(), 300
                command = ["curl", "-sSk", "-o", "/dev/null", "-H", "Connection: close", "--no-keepalive", "--no-sessionid"]
                subprocess.run([*command, self._servers[name].url + f"/healthz?[1-{count}]"], check=True, timeout=60)
                return count, time.monotonic() - began
            return self._with_cpu(name, load)
        self._compare("a new connection for each request", "requests/s", measure)

    def memory(self):
        for name in NAMES:
            pids = [self._servers[name].pid]
            before = resident_bytes(pids)
            with self._clients[name].hold(IDLE):
                size = (resident_bytes(pids) - before) / IDLE / 1024
            print(f"  {IDLE:,} idle WebSockets{'':<16}{name:<6}{size:>12.1f} KB each")


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench tls", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5, help="of each intake run (default 5)")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many (default 3)")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the built binaries")
    return parser.parse_args()


def main():
    options = read_options()
    print(f"bench tls: {os.cpu_count()} cores, {len(BODY)}-byte events, {options.rounds} rounds, medians, "
          f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    with WorkFolder() as name:
        folder = pathlib.Path(name)
        command = [options.build / "headwater", "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                   "--log-level", "warn"]
        with (Server([*command, "--data-dir", folder / "plain"], folder / "plain.log") as plain,
              Server([*command, "--data-dir", folder / "tls", *make_certificate(folder)], folder / "tls.log") as secure):
            comparison = Comparison(options, folder, {"plain": plain, "TLS": secure})
            for phase in (comparison.memory, comparison.intake, comparison.fan_out, comparison.connect):
                phase()


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
