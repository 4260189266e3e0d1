"""Intake, side by side on one PostgreSQL: one by one, through Headwater, without a log, in batches, and by COPY.

PostgreSQL is the private one of a Headwater that this starts, with the very settings it always has (only max_connections is
raised, for pgbench). pgbench and COPY write to a table with the columns and the indexes of Headwater's log. Everything runs on
this machine: the load clients take their share of the cores, on either side.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from load import Postgres, run, wrk  # noqa: E402
from server import Server, WorkFolder  # noqa: E402

TYPE = "bench:intake"
PAYLOAD = json.dumps({"campaign_id": 123, "reason": "the budget has ended", "amount": "1499.90", "currency": "EUR",
                      "at": "2018-02-01T11:12:01Z"}, separators=(",", ":"))
BATCH = 100
SEND = "/api/events/send"

# (phase, what it measures): the order of the run and of the table.
PHASES = [
    ("a64", "pgbench, one INSERT each, 64 clients"),
    ("b64", "POST send, 64 connections"),
    ("c64", "POST send, no log behind it, 64 connections"),
    ("k64", "POST send with a key, 64 connections"),
    ("n64", "the same, no log behind it"),
    ("a256", "pgbench, one INSERT each, 256 clients"),
    ("b256", "POST send, 256 connections"),
    ("c256", "POST send, no log behind it, 256 connections"),
    ("d", f"POST send, batches of {BATCH}, 16 connections"),
    ("e", "COPY of the same rows, one connection"),
]

# (what, how to work it out, bound, is it a lower bound)
EXPECTED = [
    ("b/a, 64", lambda r: r["b64"].rate / r["a64"].rate, 1.4, True),
    ("b/a, 256", lambda r: r["b256"].rate / r["a256"].rate, 2.2, True),
    ("d/e", lambda r: r["d"].rate / r["e"].rate, 0.4, True),
    ("with a key/without", lambda r: r["k64"].rate / r["b64"].rate, 0.95, True),
    ("the same, no log", lambda r: r["n64"].rate / r["c64"].rate, 0.95, True),
    ("p99 of b at 64, ms", lambda r: r["b64"].p99_ms, 10, False),
]

TABLE = """
create schema bench;
create table bench.events (like headwater.events including defaults including compression including constraints);
create index on bench.events (created_at, id);
create index on bench.events (type_id, created_at, id);
create index on bench.events (subject, created_at, id) where subject is not null;
create sequence bench.ids;
"""
INSERT = """insert into bench.events
    (id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload)
values (nextval('bench.ids'), clock_timestamp(), clock_timestamp() + interval '24 days', 1, 9, false, null, '', '%s');
"""


class Intake:
    """The comparison's parts: two servers, their PostgreSQL, the bodies to send."""

    def __init__(self, options, folder, server, ceiling):
        self._seconds, self._folder, self._server, self._ceiling = options.seconds, folder, server, ceiling
        self._binary = options.build / "headwater"
        self._postgres = Postgres(folder / "data", options.postgres_bin)
        for target in (server, ceiling):
            target.call("PUT", "/api/events/register", {"type": TYPE, "ttl": "24days"})
        item = '{"type":"%s","payload":%s}' % (TYPE, PAYLOAD)
        (folder / "one.json").write_text(item)
        (folder / "batch.json").write_text("[" + ",".join([item] * BATCH) + "]")
        (folder / "insert.sql").write_text(INSERT % PAYLOAD)
        self._postgres.sql(TABLE)

    def measure(self, phase):
        self._postgres.sql("truncate bench.events")
        self._postgres.sql("checkpoint")
        if phase == "d":
            return self._post(self._server, "batch.json", 16, BATCH)
        if phase == "e":
            return self._postgres.copy("bench.events", copy_rows, 100_000, self._seconds)
        kind, width = phase[0], int(phase[1:])
        if kind in "kn":
            return self._post_with_key(kind, width)
        if kind == "a":
            return self._postgres.insert_one_by_one(self._folder / "insert.sql", width, self._seconds, self._folder)
        return self._post(self._server if kind == "b" else self._ceiling, "one.json", width, 1)

    def _post_with_key(self, kind, width):
        """From the first key to the last the server needs one; the other phases go without."""
        target, data = (self._server, "data") if kind == "k" else (self._ceiling, "null")
        key = self._keys(data, "create", "--name", f"bench-{time.monotonic_ns()}", "--scope", "send").strip()
        until_needed(target)
        try:
            return self._post(target, "one.json", width, 1, key)
        finally:
            self._keys(data, "disable")

    def _keys(self, data, *words):
        return run([self._binary, "keys", *words, "--data-dir", self._folder / data])

    def _post(self, target, body, connections, events, key=None):
        is_stored = target is self._server
        before = self._stored() if is_stored else 0
        result = wrk(target.url + SEND, self._folder / body, connections, self._seconds, events, key)
        if is_stored and self._stored() - before < result.answered * events:
            result.note += " FEWER STORED THAN ANSWERED"
        return result

    def _stored(self):
        return int(self._postgres.sql("select count(*) from headwater.events"))


def until_needed(server):
    """Until the server asks for keys, as it does once it has heard of the first one."""
    for _ in range(200):
        try:
            server.call("POST", SEND, {"type": TYPE, "payload": None})
        except RuntimeError as error:
            if ": 401 " in str(error):
                return
            raise
        time.sleep(0.05)
    raise RuntimeError("the server does not ask for keys")


def copy_rows(first, count):
    now, later = "2018-02-01 11:12:01+00", "2018-02-25 11:12:01+00"
    return "".join(f"{n}\t{now}\t{later}\t1\t9\tf\t\\N\t\t{PAYLOAD}\n" for n in range(first, first + count))


def show(phase, what, result):
    def number(value, width):
        return f"{value:{width},.1f}" if value is not None else " " * (width - 1) + "-"
    print(f"{phase:>5}  {what:<46}{result.rate:>11,.0f}/s{number(result.p50_ms, 9)}{number(result.p99_ms, 9)}"
          f"  {result.note}", flush=True)


def run_phases(intake, phases):
    results = {}
    print(f"{'':7}{'':46}{'events':>11}  {'p50 ms':>9}{'p99 ms':>9}")
    for phase, what in PHASES:
        if phases and phase not in phases:
            continue
        if sys.stderr.isatty():
            print(f"  … {what}", end="\r", file=sys.stderr, flush=True)
        results[phase] = intake.measure(phase)
        show(phase, what, results[phase])
    return results


def compare(rounds):
    """Prints each expectation with the median over the rounds; below is said, and no failure: this is a report."""
    print(f"\nExpected on two cores ({len(rounds)} round{'s' if len(rounds) > 1 else ''}, median):")
    for what, work_out, bound, is_lower in EXPECTED:
        try:
            value = statistics.median(work_out(results) for results in rounds)
        except KeyError:
            continue
        is_met = value >= bound if is_lower else value < bound
        print(f"  {what:<20}{value:8.2f}   {'at least' if is_lower else 'below'} {bound:<5}"
              f"{'ok' if is_met else 'NOT REACHED'}")


def start(options, folder, executable, data):
    """A Headwater with a private PostgreSQL in folder/data; pgbench needs more connections than it has by itself."""
    (folder / data).mkdir()
    (folder / data / "postgresql.local.conf").write_text("max_connections = 400\n")
    return Server([options.build / executable, "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                   "--log-level", "warn", "--data-dir", folder / data], folder / f"{executable}.log")


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench intake", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=8, help="for each of the ten phases (default 8)")
    parser.add_argument("--rounds", type=int, default=1, help="repeat everything; ratios are medians (default 1)")
    parser.add_argument("--phase", action="append", help="only this one, such as b64; repeatable")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the built binaries")
    parser.add_argument("--postgres-bin", type=pathlib.Path, default=pathlib.Path("/usr/lib/postgresql/15/bin"))
    options = parser.parse_args()
    known = [name for name, _ in PHASES]
    for phase in options.phase or []:
        if phase not in known:
            parser.error(f"no phase {phase}; there are {', '.join(known)}")
    return options


def main():
    options = read_options()
    print(f"bench intake: {os.cpu_count()} cores, {options.seconds} s a phase, {len(PAYLOAD)}-byte payload, "
          f"same body every time, {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    with WorkFolder() as name:
        folder = pathlib.Path(name)
        with start(options, folder, "headwater", "data") as server, \
                start(options, folder, "headwater_null_log", "null") as ceiling:
            intake = Intake(options, folder, server, ceiling)
            compare([run_phases(intake, options.phase) for _ in range(options.rounds)])


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
