"""Monitors: check-ins a second against intake on the same server, and how long after its due_at a monitor turns Dead.

A Headwater with a private PostgreSQL gets 100,000 monitors (written straight into its table). First wrk sends events, then it
checks in at random monitors over as many connections. Then 1,000 of the 100,000 become due within one second, and the events of
their deaths tell how late each was. Everything runs on this machine, the load client too.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import statistics
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from load import Measurement, Postgres, percentile, run, wrk  # noqa: E402
from server import Server, WorkFolder  # noqa: E402

HERE = pathlib.Path(__file__).parent / "support"
TYPE = "bench:intake"
DAY = 86_400
EVENT = json.dumps({"type": TYPE, "payload": {"campaign_id": 123, "reason": "the budget has ended", "amount": "1499.90",
                                              "currency": "EUR", "at": "2018-02-01T11:12:01Z"}}, separators=(",", ":"))

DUE = """
update headwater.monitors
set due_at = statement_timestamp() + interval '4 seconds' + monitor_id * interval '1 millisecond',
    look_at = statement_timestamp() + interval '4 seconds' + monitor_id * interval '1 millisecond'
where monitor_id <= %d
"""
DELAYS = """
select extract(epoch from e.created_at - (e.payload::json ->> 'due_at')::timestamptz) * 1000
from headwater.events e join headwater.event_types t using (type_id) where t.name = 'monitor:dead'
"""


def key_hash(key):
    """As src/core/monitor.cpp makes it of the words "monitor key" and the key, each behind its length."""
    digest = hashlib.sha256()
    for word in (b"monitor key", key.encode()):
        digest.update(struct.pack("<Q", len(word)) + word)
    return digest.hexdigest()[:32]


def make_monitors(postgres, folder, count, is_fresh):
    """As they are after some weeks of daily check-ins: each was in time today, and has its 25 check-ins. Fresh ones have none: each
    check-in makes their rows longer, and the first one moves them in the index of what is to be looked at."""
    rows = folder / "monitors.tsv"
    now = time.time()

    def at(seconds):
        return time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(seconds))

    def row(n):
        last = now - DAY * n / (2 * count)
        ins = ",".join(f'"{at(last - DAY * i)}"' for i in range(0 if is_fresh else 25))
        due = at(now + 1000 * DAY) if is_fresh else at(last + DAY)
        return (f"m{n}\t\t1day\t0\t1 day\t{key_hash(f'bench{n}')}\tOk\t{at(last)}\t{due}\t{due}\t"
                f"{{{ins}}}\n")

    rows.write_text("".join(row(n) for n in range(1, count + 1)))
    rows.chmod(0o644)
    postgres.sql(f"\\copy headwater.monitors (name, description, every, threshold, period, key_hash, status, checked_in_at, "
                 f"due_at, look_at, check_ins) from '{rows}'")
    postgres.sql("vacuum analyze headwater.monitors")
    postgres.sql("checkpoint")


def check_in(url, monitors, connections, seconds):
    output = run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency",
                  "-s", str(HERE / "wrk_check_in.lua"), url, "--", str(monitors)], timeout=seconds + 60)
    result = json.loads(re.search(r"^RESULT (.*)$", output, re.MULTILINE)[1])
    bad = result["refused"] + result["broken"]
    good = result["requests"] - result["refused"]
    return Measurement(rate=good / result["seconds"], p50_ms=result["p50_ms"], p99_ms=result["p99_ms"], answered=good,
                       note=f"{result['refused']} refused, {result['broken']} broken" if bad else "")


def show(what, result):
    print(f"  {what:<44}{result.rate:>10,.0f}/s   p50 {result.p50_ms:7.1f} ms   p99 {result.p99_ms:7.1f} ms   {result.note}",
          flush=True)


def measure_rates(server, postgres, folder, options):
    """Check-ins against intake, in turns; the median of the ratios."""
    body = folder / "event.json"
    body.write_text(EVENT)
    ratios, began = [], time.time()
    for _ in range(options.rounds):
        events = wrk(server.url + "/api/events/send", body, options.connections, options.seconds)
        show(f"POST send, {options.connections} connections", events)
        check_ins = check_in(server.url, options.monitors, options.connections, options.seconds)
        show(f"GET notify, {options.connections} connections", check_ins)
        ratios.append(check_ins.rate / events.rate)
    stored = int(postgres.sql(f"select count(*) from headwater.monitors m, unnest(m.check_ins) at where at > to_timestamp({began})"))
    print(f"  check-ins stored: {stored:,} (of the newest 25 of each monitor)")
    return statistics.median(ratios)


def measure_delay(postgres, options):
    """Lets them die; the milliseconds from due to Dead, sorted."""
    postgres.sql(DUE % options.dying)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        delays = sorted(float(line) for line in postgres.sql(DELAYS).splitlines())
        if len(delays) >= options.dying:
            break
        time.sleep(0.5)
    if len(delays) != options.dying:
        raise RuntimeError(f"{len(delays)} of {options.dying} monitors have died, once each")
    return delays


def judge(what, value, bound, is_met):
    print(f"  {what:<44}{value:10.2f}   {bound:<14}{'ok' if is_met else 'NOT REACHED'}")


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench monitors", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=6, help="for each load (default 6)")
    parser.add_argument("--rounds", type=int, default=1, help="of the two loads (default 1)")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--monitors", type=int, default=100_000)
    parser.add_argument("--fresh", action="store_true", help="monitors without any check-in yet; else as after weeks of daily ones")
    parser.add_argument("--dying", type=int, default=1_000, help="within one second (default 1000)")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the built binaries")
    parser.add_argument("--postgres-bin", type=pathlib.Path, default=pathlib.Path("/usr/lib/postgresql/15/bin"))
    return parser.parse_args()


def main():
    options = read_options()
    print(f"bench monitors: {os.cpu_count()} cores, {options.monitors:,} monitors, {options.seconds} s a load, "
          f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    with WorkFolder() as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        with Server([options.build / "headwater", "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                     "--log-level", "warn", "--data-dir", folder / "data"], folder / "headwater.log") as server:
            server.call("PUT", "/api/events/register", {"type": TYPE, "ttl": "24days"})
            postgres = Postgres(folder / "data", options.postgres_bin)
            make_monitors(postgres, folder, options.monitors, options.fresh)
            ratio = measure_rates(server, postgres, folder, options)
            delays = measure_delay(postgres, options)
    p50, p99 = percentile(delays, 50), percentile(delays, 99)
    print(f"  {len(delays):,} deaths: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {delays[-1]:.0f} ms behind due_at\n\nExpected:")
    judge("check-ins / events", ratio, "at least 0.8", ratio >= 0.8)
    judge("p99 from due_at to Dead, ms", p99, "at most 1000", p99 <= 1000)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
