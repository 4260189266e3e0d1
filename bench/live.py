"""Live events: fan-out side by side with nginx's nchan, and what ten thousand subscribers cost.

Everything runs on this machine, over loopback: the one load client (one thread, one epoll, for both servers) takes its share of
the cores. nchan keeps its messages in memory; Headwater commits each event to its private PostgreSQL first. Every subscriber
checks that it gets each event once and, where there are ids, in order; a run in which one is missing fails.
"""

import argparse
import os
import pathlib
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from live_load import LiveLoad  # noqa: E402
from load import Postgres, wrk  # noqa: E402
from nchan import PUBLISH, SUBSCRIBE, Nchan  # noqa: E402
from processes import cpu_seconds, resident_bytes  # noqa: E402
from server import Server, WorkFolder  # noqa: E402

TYPE, OTHER_TYPE, HISTORY_TYPE = "bench:live", "bench:other", "bench:history"
PAYLOAD = ('{"campaign_id":123,"reason":"the budget has ended","amount":"1499.90","currency":"EUR",'
           '"at":"2018-02-01T11:12:01Z"}')
SEND = "/api/events/send"
LIVE = f"/api/events/?types={TYPE}"
EVENTS = 200            # of a fan-out run
CROWD = 10_000
RESUMED, SPREAD = 150, 50   # so each resumes between 100 and 149 events, from one of fifty positions
STALLED = 20
BEYOND_MEMORY = 20_000  # so many newer events push the history out of the server's memory

FANOUTS = [(subscribers, publishers) for subscribers in (1000, 5000) for publishers in (1, 16)]

# (what, its figure, bound, is it a lower bound)
EXPECTED = [
    *[(f"fan-out to {s:,}, {p:>2} publisher{'s' if p > 1 else ''}: Headwater/nchan", f"ratio {s} {p}",
       1.1 if p == 1 else 3.0, True) for s, p in FANOUTS],
    ("KB per idle connection at 10,000", "idle KB", 6, False),
    ("% of a core, 10,000 idle connections", "idle %", 1, False),
    ("s until 10,000 have resumed, from memory", "resume memory", 5, False),
    ("s until 10,000 have resumed, from the log", "resume log", 5, False),
    ("transactions for 10,000 resumes from the log", "resume queries", 500, False),
    ("commit to receipt p50, ms (1,000/s to 100)", "p50", 2, False),
    ("commit to receipt p99, ms", "p99", 20, False),
    ("p99 with 20 stalled / p99 without", "stalled ratio", 1.2, False),
    ("intake with 1,000 live elsewhere / without", "intake ratio", 0.95, True),
]


class Live:
    """The comparison's parts: both servers and the client for each."""

    def __init__(self, options, folder, server, nchan):
        client = options.build / "headwater_live_load"
        port = int(server.url.rsplit(":", 1)[1])
        self.rounds, self._folder, self._server, self._nchan = options.rounds, folder, server, nchan
        self._postgres = Postgres(folder / "data", options.postgres_bin)
        for event_type in (TYPE, OTHER_TYPE, HISTORY_TYPE):
            server.call("PUT", "/api/events/register", {"type": event_type, "ttl": "1day"})
        (folder / "one.json").write_text('{"type":"%s","payload":%s}' % (TYPE, PAYLOAD))
        (folder / "other.json").write_text('{"type":"%s","payload":%s}' % (OTHER_TYPE, PAYLOAD))
        (folder / "large.json").write_text('{"type":"%s","payload":"%s"}' % (TYPE, "x" * 10_000))
        # As long as what Headwater's subscribers get.
        (folder / "whole.json").write_text('{"id":"12345","type":"%s","payload":%s,"created_at":'
                                           '"2018-02-01T11:12:01.123456Z"}' % (TYPE, PAYLOAD))
        self._ours = LiveLoad(client, port, ["--greeting", "--ids", "--publish", SEND])
        self._theirs = LiveLoad(client, nchan.port, ["--subscribe", SUBSCRIBE, "--publish", PUBLISH,
                                                     "--body", folder / "whole.json"])

    # Fan-out -----------------------------------------------------------------------------------------------------

    def fan_out(self, subscribers, publishers):
        """Alternates between the servers; prints both medians and returns their ratio."""
        rates, costs = {"nchan": [], "Headwater": []}, {"nchan": [], "Headwater": []}
        for _ in range(self.rounds):
            for name, client, pids in (("nchan", self._theirs, self._nchan.pids),
                                       ("Headwater", self._ours, [self._server.pid])):
                more = ["--subscribe", LIVE, "--body", self._folder / "one.json"] if name == "Headwater" else []
                before = cpu_seconds(pids)
                result = client.run(*more, "--subscribers", subscribers, "--publishers", publishers, "--events", EVENTS)
                rates[name].append(result["events"] / result["seconds"])
                costs[name].append((cpu_seconds(pids) - before) / result["events"] * 1e6)
        for name, values in rates.items():
            print(f"  {subscribers:>5,} subscribers, {publishers:>2} publishers  {name:<10}"
                  f"{statistics.median(values):>12,.0f} messages/s {statistics.median(costs[name]):>6.2f} µs of CPU each")
        return {f"ratio {subscribers} {publishers}":
                statistics.median(rates["Headwater"]) / statistics.median(rates["nchan"])}

    # Ten thousand connections ------------------------------------------------------------------------------------

    def idle(self):
        """The first phase: what a process has once needed it keeps. The time covers a round of pings and cursors."""
        memory, _ = self._hold_idle("nchan", self._theirs, self._nchan.pids, 2)
        memory, share = self._hold_idle("Headwater", self._ours, [self._server.pid], 27, "--subscribe", LIVE)
        return {"idle KB": memory, "idle %": share}

    def _hold_idle(self, name, client, pids, seconds, *more):
        before = resident_bytes(pids)
        with client.hold(CROWD, *more):
            began, cpu = time.monotonic(), cpu_seconds(pids)
            time.sleep(seconds)
            share = 100 * (cpu_seconds(pids) - cpu) / (time.monotonic() - began)
            memory = (resident_bytes(pids) - before) / CROWD / 1024
        print(f"  {CROWD:,} idle, {name:<10}{memory:>8.1f} KB per connection, {share:.2f} % of a core in {seconds} s")
        return memory, share

    def resume(self):
        """Everybody connects at once and resumes; first out of the server's memory, then out of the log."""
        ids = self._post_batch(HISTORY_TYPE, RESUMED)
        memory = self._storm(ids)
        for _ in range(BEYOND_MEMORY // 1000):
            self._post_batch(OTHER_TYPE, 1000)
        log = self._storm(ids)
        return {"resume memory": memory[0], "resume log": log[0], "resume queries": log[1]}

    def _storm(self, ids):
        history = self._folder / "history"
        history.write_text("\n".join(ids))
        before = self._transactions()
        result = self._ours.run("--subscribe", f"/api/events/?types={HISTORY_TYPE}", "--subscribers", CROWD,
                                "--handshakes", CROWD, "--history", history, "--spread", SPREAD)
        queries = self._transactions() - before
        print(f"  {CROWD:,} resume {result['events'] // CROWD} events each: {result['seconds']:.2f} s, "
              f"{queries} transactions in PostgreSQL")
        return result["seconds"], queries

    def _post_batch(self, event_type, count):
        item = '{"type":"%s","payload":%s}' % (event_type, PAYLOAD)
        answer = self._server.call_text("POST", SEND, "[" + ",".join([item] * count) + "]")
        return [result["id"] for result in answer["results"]]

    def _transactions(self):
        """Of the server's database; PostgreSQL counts them some time after they ended."""
        time.sleep(1.5)
        return int(self._postgres.sql("select xact_commit from pg_stat_database where datname = 'headwater'"))

    # Latency -----------------------------------------------------------------------------------------------------

    def latency(self):
        """From created_at, which PostgreSQL's clock gives before the event is stored. From the commit it is less by what the append
        takes: the server's own median of that is taken off."""
        before = self._appends()
        results = [self._paced("one.json", 100, 1000, 4) for _ in range(self.rounds)]
        p50, p99 = (statistics.median(result[name] for result in results) for name in ("p50_ms", "p99_ms"))
        append = median_of(before, self._appends()) * 1000
        print(f"  1,000 events/s to 100 subscribers, created_at to receipt: p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
              f"half of the appends took less than {append:.2f} ms")
        return {"p50": p50 - append, "p99": p99}

    def _appends(self):
        """Of the histogram of the appends' seconds: bound -> how many took at most that."""
        found = re.findall(r'^headwater_append_seconds_bucket\{le="([^"]+)"\} (\S+)$', self._server.metrics(), re.MULTILINE)
        return {float(bound): float(count) for bound, count in found}

    def stalled(self):
        """Large events, so that those who do not read fill the kernel's buffers and then the server's."""
        alone, beside, before = [], [], self._closed_for_being_slow()
        for _ in range(self.rounds):
            alone.append(self._paced("large.json", 40, 300, 3)["p99_ms"])
            beside.append(self._paced("large.json", 40, 300, 3, "--stalled", STALLED)["p99_ms"])
        closed = self._closed_for_being_slow() - before
        if closed != STALLED * self.rounds:
            raise RuntimeError(f"{closed} of {STALLED * self.rounds} stalled subscribers were closed for being slow")
        alone, beside = statistics.median(alone), statistics.median(beside)
        print(f"  300 events/s of 10 KB to 40 subscribers: p99 {alone:.2f} ms; beside {STALLED} that never read "
              f"{beside:.2f} ms")
        return {"stalled ratio": beside / alone}

    def _paced(self, body, subscribers, rate, seconds, *more):
        return self._ours.run("--subscribe", LIVE, "--stamps", "--subscribers", subscribers, "--publishers", 16,
                              "--body", self._folder / body, "--rate", rate, "--seconds", seconds, *more)

    def _closed_for_being_slow(self):
        found = re.search(r'^headwater_live_closed_total\{.*reason="slow".*\} (\d+)', self._server.metrics(), re.MULTILINE)
        return int(found[1]) if found else 0

    # Intake ------------------------------------------------------------------------------------------------------

    def intake(self):
        without, beside = [], []
        for _ in range(self.rounds):
            without.append(self._post_other())
            with self._ours.hold(1000, "--subscribe", LIVE):
                beside.append(self._post_other())
        ratio = statistics.median(beside) / statistics.median(without)
        print(f"  intake {statistics.median(without):,.0f}/s; with 1,000 subscribers of another type "
              f"{statistics.median(beside):,.0f}/s")
        return {"intake ratio": ratio}

    def _post_other(self):
        result = wrk(self._server.url + SEND, self._folder / "other.json", 64, 3)
        if result.note:
            raise RuntimeError(f"intake: {result.note}")
        return result.rate


def phases_of(live):
    """In the order of the run."""
    return [("idle", live.idle),
            ("fanout", lambda: {k: v for s, p in FANOUTS for k, v in live.fan_out(s, p).items()}),
            ("resume", live.resume), ("latency", live.latency),
            ("stalled", live.stalled), ("intake", live.intake)]


def median_of(before, after):
    """Between two readings of a histogram; within a bucket by the straight line."""
    counts = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    half, below, least = max(counts.values()) / 2, 0.0, 0.0
    for bound in sorted(counts):
        if counts[bound] >= half:
            return least + (bound - least) * (half - below) / (counts[bound] - below)
        below, least = counts[bound], bound
    raise RuntimeError("nothing was appended")


def compare(figures):
    """Each expectation with what was measured; one that is not reached is said, and no failure: this is a report."""
    print("\nExpected on two cores:")
    for what, name, bound, is_lower in EXPECTED:
        if name not in figures:
            continue
        is_met = figures[name] >= bound if is_lower else figures[name] <= bound
        print(f"  {what:<52}{figures[name]:>9.2f}   {'at least' if is_lower else 'at most ':8} {bound:<5}"
              f"{'ok' if is_met else 'NOT REACHED'}")


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench live", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["idle", "fanout", "resume", "latency", "stalled", "intake"]
    parser.add_argument("--rounds", type=int, default=3, help="of fan-out, latency and intake; medians (default 3)")
    parser.add_argument("--phase", action="append", choices=names, help="only this one; repeatable")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the built binaries")
    parser.add_argument("--postgres-bin", type=pathlib.Path, default=pathlib.Path("/usr/lib/postgresql/15/bin"))
    return parser.parse_args()


def main():
    options = read_options()
    print(f"bench live: {os.cpu_count()} cores, {len(PAYLOAD)}-byte payload, {options.rounds} rounds, medians, "
          f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    began = time.monotonic()
    with WorkFolder() as name:
        folder = pathlib.Path(name)
        command = [options.build / "headwater", "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                   "--log-level", "warn", "--data-dir", folder / "data"]
        with Nchan(folder / "nchan", CROWD + 1000) as nchan, Server(command, folder / "headwater.log") as server:
            live, figures = Live(options, folder, server, nchan), {}
            for phase, measure in phases_of(live):
                if not options.phase or phase in options.phase:
                    figures |= measure()
                    sys.stdout.flush()
    compare(figures)
    print(f"\n{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
