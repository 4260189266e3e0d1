"""What puts load on: wrk for HTTP, pgbench and COPY for PostgreSQL itself. Each returns a Measurement."""

import dataclasses
import json
import pathlib
import re
import subprocess
import time

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass
class Measurement:
    rate: float                 # events a second
    p50_ms: float | None = None
    p99_ms: float | None = None
    answered: int = 0           # requests that were answered 2xx
    note: str = ""


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
    return done.stdout


def wrk(url, body_file, connections, seconds, events_per_request=1, key=None):
    """POSTs the file's contents over keep-alive connections, with an API key if there is one."""
    output = run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency",
                  "-s", str(HERE / "wrk_post.lua"), url, "--", str(body_file), *([key] if key else [])],
                 timeout=seconds + 60)
    result = json.loads(re.search(r"^RESULT (.*)$", output, re.MULTILINE)[1])
    bad = result["refused"] + result["broken"]
    good = result["requests"] - result["refused"]
    return Measurement(rate=good * events_per_request / result["seconds"], p50_ms=result["p50_ms"],
                       p99_ms=result["p99_ms"], answered=good,
                       note=f"{result['refused']} refused, {result['broken']} broken" if bad else "")


class Postgres:
    """The private PostgreSQL of a running server, reached through its socket."""

    def __init__(self, data_dir, bin_dir):
        postmaster = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        self._where = ["-h", postmaster[4], "-p", postmaster[3], "-U", "headwater"]
        self._bin = bin_dir

    def sql(self, text):
        return run([self._bin / "psql", *self._where, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                    "-d", "headwater", "-c", text]).strip()

    def insert_one_by_one(self, script, clients, seconds, folder):
        """pgbench: the script's single INSERT, prepared, each in a transaction of its own."""
        for old in folder.glob("pgbench_log.*"):
            old.unlink()
        output = run([self._bin / "pgbench", *self._where, "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                      "-T", str(seconds), "-f", str(script), "--log", "--log-prefix", str(folder / "pgbench_log"),
                      "headwater"], timeout=seconds + 60)
        millis = sorted(int(line.split()[2]) / 1000 for log in folder.glob("pgbench_log.*") for line in log.open())
        rate = float(re.search(r"^tps = ([0-9.]+)", output, re.MULTILINE)[1])
        return Measurement(rate=rate, p50_ms=percentile(millis, 50), p99_ms=percentile(millis, 99),
                           answered=len(millis))

    def copy(self, table, make_rows, rows_at_a_time, seconds):
        """COPY … FROM STDIN on one connection, a transaction per `rows_at_a_time`; making the rows is not timed."""
        command = [self._bin / "psql", *self._where, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "headwater",
                   "-c", f"copy {table} from stdin"]
        rows, spent, times = 0, 0.0, []
        while spent < seconds:
            text = make_rows(rows, rows_at_a_time)
            begin = time.monotonic()
            run(command, input=text, timeout=120)
            times.append(time.monotonic() - begin)
            spent += times[-1]
            rows += rows_at_a_time
        return Measurement(rate=rows / spent, answered=rows, note=f"{rows_at_a_time} rows a transaction")


def percentile(ordered, percent):
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else None
