"""Feeds and retention at 10,000, 1,000,000 and 10,000,000 events.

The log is filled by SQL while Headwater is down, in the log's own shape, then read over HTTP. Half of what a size holds is of types kept
for a week, the rest is kept for a year or for ever; all of it lies in the last two days and the current hour. Everything runs on this
machine: the load client takes its share of the cores.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import statistics
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from filler import (AFTERWARDS, EVENTS_PER_COMMIT, HELPERS, PARTITION, SOURCE, OfflinePostgres,  # noqa: E402
                    partition_name, times_every)
from load import HERE, Measurement, Postgres, run, wrk  # noqa: E402
from server import Server, WorkFolder  # noqa: E402

SIZES = [10_000, 1_000_000, 10_000_000]
DAY = 86_400
# (type, ttl, rung, class, width of its partitions, when its events expire, which of them are of this type)
TYPES = [("bench:week", "1week", "week", 7, DAY // 2, "created_at + interval '7 days'", "n % 10 < 5"),
         ("bench:year", "1year", "year", 11, 31 * DAY, "created_at + interval '1 year'", "n % 10 in (5, 6)"),
         ("bench:kept", "permanent", "permanent", 13, 31 * DAY, "'infinity'::timestamptz", "n % 10 > 6")]
EARLY = 2 * DAY  # before the current hour
PAYLOAD = json.dumps({"campaign_id": 123, "reason": "the budget has ended", "amount": "1499.90",
                      "at": "2018-02-01T11:12:01Z"}, separators=(",", ":"))
FEED = "/api/events/feed/"
EXPIRY_SECONDS = 110  # the server drops a large partition every ten seconds or so
LEFT = 100  # what a consumer has not processed
SPREAD = "client, spread left"
SLICE = 300  # events of a slice that is as large at every size of the log; an hour's grow with it


def get(url, connections, seconds, *arguments):
    output = run(["wrk", "-t1" if connections == 1 else "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency",
                  "-s", str(HERE / "wrk_get.lua"), url, "--", *map(str, arguments)], timeout=seconds + 60)
    found = json.loads(re.search(r"^RESULT (.*)$", output, re.MULTILINE)[1])
    bad = found["refused"] + found["broken"]
    return Measurement(rate=found["requests"] / found["seconds"], p50_ms=found["p50_ms"], p99_ms=found["p99_ms"],
                       answered=found["requests"], note=f"{bad} of {found['requests']} refused" if bad else "")


def read(url):
    with_scheme = urllib.parse.urlparse(url)
    connection = http.client.HTTPConnection(with_scheme.netloc, timeout=60)
    connection.request("GET", with_scheme.path + ("?" + with_scheme.query if with_scheme.query else ""))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"GET {url}: {answer.status} {body[:300]}")
    return body


class Bench:
    """A data folder for each size, filled once and then measured."""

    def __init__(self, options, folder):
        self._options, self._folder = options, folder
        self._every = times_every(SOURCE)
        self.use("small")

    def use(self, name):
        """Everything is about this data folder from here on."""
        self._data = self._folder / f"data-{name}"
        if not (self._data / "postgres").exists():
            self._data.mkdir(mode=0o755, exist_ok=True)
            self.prepare()

    def serve(self, *more):
        return Server([self._options.build / "headwater", "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                       "--log-level", "warn", "--data-dir", self._data, *more], self._folder / "server.log")

    def offline(self):
        return OfflinePostgres(self._data, self._options.postgres_bin)

    def online(self):
        return Postgres(self._data, self._options.postgres_bin)

    def prepare(self):
        with self.serve() as server:
            for name, ttl, *_ in TYPES:
                server.call("PUT", "/api/events/register", {"type": name, "ttl": ttl})
        with self.offline() as postgres:
            postgres.sql(HELPERS)

    def fill(self, count):
        """Count events: the last 2 % in the current hour, the others over the 48 hours before. Bytes of each in the database.
        What stands in a folder that is kept (--work) serves for as long as the hour lasts."""
        self.use(count)
        filled = self._data / "filled.json"
        if filled.exists():
            self._hour, size = json.loads(filled.read_text())
            if time.time() < self._hour + 3590:
                return size
            filled.unlink()
        size = self.fill_anew(count)
        filled.write_text(json.dumps([self._hour, size]))
        return size

    def fill_anew(self, count):
        # Two minutes short of the hour's end the current hour would be another one before it has been read.
        while time.gmtime().tm_min >= 56:
            time.sleep(5)
        now = int(time.time())
        hour = now - now % 3600
        early = count - count // 50
        with self.offline() as postgres:
            postgres.sql("select bench.clear()")
            for kind in TYPES:
                self.fill_type(postgres, kind, hour - EARLY, hour, now, early, count)
            postgres.sql(AFTERWARDS.format(every=self._every, commit=EVENTS_PER_COMMIT))
            postgres.sql("vacuum analyze")
            size = int(postgres.sql("select sum(pg_total_relation_size(inhrelid)) from pg_inherits i where "
                                    "exists (select from pg_inherits o where o.inhrelid = i.inhparent and "
                                    "o.inhparent = 'headwater.events'::regclass)")) / count
        self._hour = hour
        return size

    def fill_type(self, postgres, kind, begin, hour, now, early, count):
        """The events 1 … early evenly over [begin, hour), the rest over [hour, now); ten share a time."""
        name, _, rung, class_id, width, expiry, which = kind
        step, late_step = (hour - begin) / (early + 10), max(now - hour - 1, 1) / (count - early + 10)
        per = EVENTS_PER_COMMIT
        when = (f"case when n <= {early} then to_timestamp({begin} + n / {per} * {per} * {step!r}::float8) "
                f"else to_timestamp({hour} + (n - {early}) / {per} * {per} * {late_step!r}::float8) end")
        at = begin // width * width
        while at <= now:
            # Which events fall into the partition; a few too many, which the times then leave out.
            first = max(1, int((at - begin) / step) - 20) if at < hour else early
            last = min(early, int((at + width - begin) / step) + 20) if at + width < hour else count
            postgres.sql(PARTITION.format(name=partition_name(rung, at), rung=rung, class_id=class_id, type=name, expiry=expiry,
                                          payload=PAYLOAD, when=when, which=which, first=first, last=last, begin=at, end=at + width))
            at += width

    def acknowledge_but(self, url, client, ids):
        """Acknowledges all of these ids but LEFT of them, evenly spread."""
        keep = set(ids[:: max(len(ids) // LEFT, 1)][:LEFT])
        done = [str(i) for i in ids if i not in keep]
        for i in range(0, len(done), 10_000):
            body = json.dumps({"ids": done[i:i + 10_000]})
            connection = http.client.HTTPConnection(urllib.parse.urlparse(url).netloc, timeout=60)
            connection.request("PUT", f"/api/events/ok/{client}", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"acknowledging: {answer.status} {answer.read()[:300]}")
            connection.close()

    def hour_of(self, seconds):
        return "hour/" + time.strftime("%Y-%m-%dT%H:00:00.000Z", time.gmtime(seconds))

    def ids_of_hour(self, begin):
        return [int(i) for i in self.online().sql(
            f"select id from headwater.events where created_at >= to_timestamp({begin}) and "
            f"created_at < to_timestamp({begin + 3600}) order by id").split()]

    def measure(self, count):
        begin = time.monotonic()
        with self.serve("--feed-cache-bytes", "0") as server:
            started = time.monotonic() - begin
            seconds = self._options.seconds
            closed = self.hour_of(self._hour - 7200)
            self.acknowledge_but(server.url, "spread", self.ids_of_hour(self._hour))
            part = (self.ids_of_hour(self._hour - 7200) + self.ids_of_hour(self._hour - 3600))[:SLICE + 1]
            self.acknowledge_but(server.url, "some", part[:SLICE])
            through = self.online().sql(f"select id from headwater.events order by created_at desc, id desc offset {LEFT} limit 1")
            server.call("PUT", "/api/events/ok/newest", {"through": through})
            pages = {
                "current": FEED + self.hour_of(self._hour),
                "closed": FEED + closed,
                "client, newest left": FEED + self.hour_of(self._hour) + "/client/newest",
                f"client, left among {SLICE}": self.slice_of(self._hour - 7200, part[SLICE]) + "/client/some",
                SPREAD: FEED + self.hour_of(self._hour) + "/client/spread",
            }
            results = {"start": started}
            for name, path in pages.items():
                if len(json.loads(read(server.url + path))["events"]) != 100:
                    raise RuntimeError(f"{path} has not 100 events")
                results[name] = get(server.url + path, 1, seconds)
            get(server.url + "/", 1, 2 * seconds, count)  # each asks for another event: what the server has to learn of the log it learns now
            results["one event"] = get(server.url + "/", 1, seconds, count)
        return results

    def measure_cache(self):
        """A closed page from memory against a constant of its size, from the same server: the OpenAPI document."""
        with self.serve() as server:
            size = len(read(server.url + "/openapi.yaml"))
            page = server.url + FEED + self.hour_of(self._hour - 7200)
            per_event = len(read(page + "?limit=200")) / 200
            page += f"?limit={min(1000, max(1, round(size / per_event)))}"
            bytes_of_page = len(read(page))
            rounds = [(get(page, 16, self._options.seconds).rate, get(server.url + "/openapi.yaml", 16, self._options.seconds).rate)
                      for _ in range(3)]
        return statistics.median(a / b for a, b in rounds), rounds[-1], bytes_of_page, size

    def slice_of(self, begin, last_id):
        """The path of the slice from an hour's begin up to this event."""
        last = self.online().sql(f"select created_at from headwater.events where id = {last_id} and created_at >= to_timestamp({begin})")
        return FEED + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin)) + "/to/" + last.replace(" ", "T").replace("+00", "Z")

    def measure_hundred_thousand(self):
        """A slice with 100,000 events of which 99,900 are processed: an hour of the 10 M log holds twice as many, so a part of it."""
        with self.serve() as server:
            ids = self.ids_of_hour(self._hour - 7200)[:100_000]
            self.acknowledge_but(server.url, "hundred", ids)
            page = server.url + self.slice_of(self._hour - 7200, ids[-1]) + "/client/hundred"
            return median_of([get(page, 1, self._options.seconds) for _ in range(3)])

    def measure_expiry(self):
        """Intake alone, while partitions with 5 million expired events are dropped at the server's own pace, and alone again."""
        body = self._folder / "one.json"
        body.write_text('{"type":"bench:kept","payload":%s}' % PAYLOAD)
        with self.serve() as server:
            postgres = self.online()
            send = server.url + "/api/events/send"
            names = self.make_expired(postgres)
            postgres.sql("checkpoint")
            wrk(send, body, 64, 3)
            alone = wrk(send, body, 64, 40)
            postgres.sql("; ".join(names.values()))
            beside = wrk(send, body, 64, EXPIRY_SECONDS)
            gone = len(names) - int(postgres.sql("select count(*) from pg_class where relname = any ('{%s}')" % ",".join(names)))
            after = wrk(send, body, 64, 40)
        return (alone, after), beside, gone

    def make_expired(self, postgres):
        """Ten partitions of half a million events that expired an hour ago: name -> statement that gives it this name. Until then they
        have names that the server does not know as its own, or it would take them away before their time."""
        made = {}
        begin = int(time.time()) // 15 * 15 - 7200
        for i in range(10):
            at = begin + i * 15
            name, hidden = partition_name("minute", at), f"bench_expired_{i}"
            bounds = f"created_at >= to_timestamp({at}) and created_at < to_timestamp({at + 15})"
            postgres.sql(
                f"create table headwater.{hidden} (like headwater.events including defaults including compression);"
                f"alter table headwater.{hidden} add check (class = 1 and class is not null and {bounds} and created_at is not null);"
                f"insert into headwater.{hidden} select n, to_timestamp({at}) + n * interval '30 us', "
                f"to_timestamp({at + 60}), 1, 1, false, null, '', '{PAYLOAD}' from generate_series(1, 499000) n;"
                f"create index on headwater.{hidden} (created_at, id); create index on headwater.{hidden} (type_id, created_at, id);"
                f"create index on headwater.{hidden} (subject, created_at, id) where subject is not null;"
                f"alter table headwater.events_minute attach partition headwater.{hidden} "
                f"for values from (to_timestamp({at})) to (to_timestamp({at + 15}))")
            made[name] = f"alter table headwater.{hidden} rename to {name}"
        return made

    def measure_partitions(self, partitions):
        """A hundred thousand events of one type in so many partitions; one of them by id, and a thousand behind an id."""
        count = 100_000
        # In the month before the partition that the server itself keeps ready for today.
        width = 31 * DAY // partitions
        begin = int(time.time()) // (31 * DAY) * (31 * DAY) - 31 * DAY
        span = width * partitions - 1
        with self.offline() as postgres:
            postgres.sql("select bench.clear()")
            when = f"to_timestamp({begin} + n / 10 * 10 * {span / (count + 10)!r}::float8)"
            for i in range(partitions):
                at = begin + i * width
                postgres.sql(PARTITION.format(
                    name=partition_name("permanent", at), rung="permanent", class_id=13, type="bench:kept", expiry=TYPES[2][5], payload=PAYLOAD,
                    when=when, which="true", first=max(1, int(i * width * count / span) - 20),
                    last=min(count, int((i + 1) * width * (count + 10) / span) + 20), begin=at, end=at + width))
            postgres.sql(AFTERWARDS.format(every=self._every, commit=EVENTS_PER_COMMIT))
            postgres.sql("vacuum analyze headwater.events")
        with self.serve() as server:
            live = int(self.online().sql("select count(*) from pg_inherits where inhparent = 'headwater.events_permanent'::regclass"))
            get(server.url + "/", 1, 2 * self._options.seconds, count)  # PostgreSQL has to learn of a thousand partitions
            one = get(server.url + "/", 1, self._options.seconds, count)
            spent = [catch_up(server.url, 1 + i * (count - 2000) // 30, 1000) for i in range(30)]
        return live, one.p50_ms, statistics.median(spent) * 1000


def catch_up(url, since, count):
    """Seconds until a live subscriber that comes back has so many of the events it missed."""
    connection = http.client.HTTPConnection(urllib.parse.urlparse(url).netloc, timeout=60)
    begin = time.monotonic()
    connection.request("GET", f"/api/events/stream?types=bench:kept&since={since}", headers={"Accept": "text/event-stream"})
    answer = connection.getresponse()
    seen = 0
    while seen < count:
        piece = answer.read1(65536)
        if not piece:
            raise RuntimeError("the event stream ended")
        seen += piece.count(b"\ndata:") + piece.startswith(b"data:")
    spent = time.monotonic() - begin
    connection.close()
    return spent


def judge(what, value, bound, is_lower=False, unit=""):
    met = value >= bound if is_lower else value <= bound
    print(f"  {what:<64}{value:9.2f}{unit:<3} {'at least' if is_lower else 'at most'} {bound:<6}{'ok' if met else 'NOT REACHED'}", flush=True)


def bare_row(bench):
    with bench.offline() as postgres:
        postgres.sql("drop table if exists bench.bare; create table bench.bare (id bigint, created_at timestamptz, type_id bigint, payload text);"
                     f"insert into bench.bare select n, now(), 1, '{PAYLOAD}' from generate_series(1, 200000) n")
        return int(postgres.sql("select pg_relation_size('bench.bare')")) / 200_000


def measure_sizes(bench, sizes, rounds):
    """The sizes in turn, several times, so that a machine that grows slower does so for all of them; of each figure the median."""
    sizes_bytes, found = {}, {count: {} for count in sizes}
    for count in sizes:
        begin = time.monotonic()
        sizes_bytes[count] = bench.fill(count)
        print(f"{count:,} events, filled in {time.monotonic() - begin:.0f} s, {sizes_bytes[count]:.0f} bytes each in the database", flush=True)
    for _ in range(rounds):
        for count in sizes:
            bench.fill(count)
            for name, result in bench.measure(count).items():
                found[count].setdefault(name, []).append(result)
    return {count: {name: median_of(each) for name, each in results.items()} for count, results in found.items()}, sizes_bytes[sizes[-1]]


def median_of(results):
    if isinstance(results[0], float):
        return statistics.median(results)
    return Measurement(**{name: statistics.median(getattr(each, name) for each in results) for name in ("rate", "p50_ms", "p99_ms")},
                       note="; ".join(each.note for each in results if each.note))


def show_size(count, results):
    print(f"\n{count:,} events:")
    for name, result in results.items():
        if name == "start":
            print(f"  {'start to ready, PostgreSQL included':<40}{result:9.2f} s", flush=True)
        else:
            print(f"  {name:<40}{result.p50_ms:9.3f} ms p50{result.p99_ms:9.3f} ms p99{result.rate:10,.0f}/s  {result.note}", flush=True)


def show_sizes(bench, sizes, rounds):
    results, size = measure_sizes(bench, sizes, rounds)
    for count in sizes:
        show_size(count, results[count])
    print(f"\nBetween {sizes[0]:,} and {sizes[-1]:,} events:")
    for name in results[sizes[0]]:
        if name == SPREAD:  # of 200 events in the small log, of 200,000 in the large one: no ratio says anything
            judge(f"p50 of {name} over {sizes[-1] // 50:,} events", results[sizes[-1]][name].p50_ms, 5, unit=" ms")
        elif name != "start":
            judge(f"p50 of {name}, ratio", results[sizes[-1]][name].p50_ms / results[sizes[0]][name].p50_ms, 1.3)
    judge("start to ready, PostgreSQL included", results[sizes[-1]]["start"], 1.0, unit=" s")
    bare = bare_row(bench)
    print(f"  {'bytes of an event in the database, beside the bare row':<64}{size:9.0f}    {bare:.0f}, {len(PAYLOAD)} of payload")


def run_all(bench, options):
    sizes = [s for s in SIZES if s <= options.most]
    if options.only == "fill":
        for size in sizes:
            bench.fill(size)
    if options.only in (None, "sizes"):
        show_sizes(bench, sizes, options.rounds)
    if options.only in (None, "cache"):
        bench.fill(sizes[-1])
        ratio, rates, page, constant = bench.measure_cache()
        judge(f"closed page of {page:,} bytes / constant of {constant:,}", ratio, 0.7, True)
        print(f"      last round: {rates[0]:,.0f}/s and {rates[1]:,.0f}/s")
    if options.only in (None, "consumer") and sizes[-1] == SIZES[-1]:
        bench.fill(sizes[-1])
        judge("page of a consumer, 99,900 of 100,000 processed, p50", bench.measure_hundred_thousand().p50_ms, 5, unit=" ms")
    if options.only not in ("fill", "sizes", "cache", "consumer"):
        bench.use("small")
    if options.only in (None, "expiry"):
        alone, beside, gone = bench.measure_expiry()
        for what, one in (("alone, before", alone[0]), ("while 5 M events go", beside), ("alone, after", alone[1])):
            print(f"  intake {what}: {one.rate:,.0f}/s p50 {one.p50_ms:.2f} ms p99 {one.p99_ms:.2f} ms {one.note}")
        judge("p99 of intake while 5 M events go, ratio", beside.p99_ms / statistics.mean(each.p99_ms for each in alone), 1.2)
        print(f"      partitions dropped meanwhile: {gone} of 10")
    if options.only in (None, "partitions"):
        few, many = bench.measure_partitions(10), bench.measure_partitions(1000)
        print(f"  partitions: {few[0]} and {many[0]}; one event {few[1]:.3f} and {many[1]:.3f} ms; a thousand behind an id {few[2]:.1f} and {many[2]:.1f} ms")
        judge("one event by id, ratio", many[1] / few[1], 2)
        judge("a thousand events behind an id, ratio", many[2] / few[2], 2)


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench feeds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3, help="for each measurement (default 3)")
    parser.add_argument("--rounds", type=int, default=3, help="of reading at each size, in turn (default 3)")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest size (default 10,000,000)")
    parser.add_argument("--only", choices=["fill", "sizes", "cache", "consumer", "expiry", "partitions"],
                        help="one part alone; fill: nothing is measured (with --work)")
    parser.add_argument("--work", type=pathlib.Path, help="a folder that is kept, so that parts can follow one another")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the built binaries")
    parser.add_argument("--postgres-bin", type=pathlib.Path, default=pathlib.Path("/usr/lib/postgresql/15/bin"))
    return parser.parse_args()


def main():
    options = read_options()
    print(f"bench feeds: {os.cpu_count()} cores, {options.seconds} s a measurement, {len(PAYLOAD)}-byte payload, "
          f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    if options.work:
        options.work.mkdir(mode=0o755, parents=True, exist_ok=True)
    with contextlib.nullcontext(options.work) if options.work else WorkFolder() as name:
        run_all(Bench(options, pathlib.Path(name)), options)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
