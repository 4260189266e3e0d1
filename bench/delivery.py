"""Delivery, side by side with what the destinations take by themselves.

A Headwater with a private PostgreSQL, a RabbitMQ and a webhook receiver in C++ are started for the run. Everything runs on
this machine: load clients and destinations take their share of the cores, on either side.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from load import run, wrk  # noqa: E402
from pacer import Pacer  # noqa: E402
from rabbit import Rabbit  # noqa: E402
from receiver import Receiver  # noqa: E402
from server import Server, WorkFolder  # noqa: E402

SEND = "/api/events/send"
PAYLOAD = json.dumps({"campaign_id": 123, "reason": "the budget has ended", "amount": "1499.90", "currency": "EUR",
                      "at": "2018-02-01T11:12:01Z"}, separators=(",", ":"))
# The event as it leaves: what a webhook's body and an AMQP message are made of.
EVENT = ('{"id":"2465467567","type":"bench:behind","payload":%s,"created_at":"2018-02-01T11:12:01.000000Z"}' % PAYLOAD)
WINDOW = 1000        # unconfirmed messages of the rabbitmq-c program, as of a rabbit stream
IN_FLIGHT = 32       # a webhook's default, and wrk's connections
DESTINATIONS = 50
BATCH = 1000

# (what, figure, bound, is it a lower bound)
EXPECTED = [
    ("rabbit / rabbitmq-c", lambda r: r["rabbit"] / r["rabbitmq-c"], 0.8, True),
    ("webhook / wrk", lambda r: r["webhook"] / r["wrk"], 0.5, True),
    ("accept to webhook, p99 ms", lambda r: r["latency"]["p99"] / 1000, 20, False),
    ("intake with streams / without", lambda r: r["intake with"] / r["intake without"], 0.6, True),
    ("intake with streams / beside rabbitmq-c", lambda r: r["intake with"] / r["intake beside"], 0.8, True),
    ("our own CPU without streams / with", lambda r: r["intake without, CPU"] / r["intake with, CPU"], 0.6, True),
    ("p99 beside one that hangs / without", lambda r: r["hanging"]["p99"] / r["answering"]["p99"], 1.2, False),
]


class Delivery:
    """The comparison's parts. Each measure_… notes its figures in `results` and prints a line."""

    def __init__(self, options, folder, server, rabbit, receiver):
        self._options, self._folder, self._server, self._rabbit, self._receiver = options, folder, server, rabbit, receiver
        self.results = {}
        self._has_backlog = False
        (folder / "event.json").write_text(EVENT)

    def measure_rabbit(self):
        """A backlog that a rabbit stream catches up with, between two runs of rabbitmq-c."""
        kind, events = self._backlog(), self._options.events
        self._publish_alone(events // 5)  # the broker warms up
        before = self._publish_alone(events)
        self._rabbit_tool("publish", "behind", 0, 1)
        self._catch_up("rabbit", kind, {"source": "rabbit", "exchange": "behind", "routingKey": "{type}"},
                       lambda: self._rabbit_tool("await", "behind", events))
        self._rabbit_tool("delete", "behind")
        self._note("rabbitmq-c", (before + self._publish_alone(events)) / 2, f"rabbitmq-c alone, {WINDOW:,} unconfirmed, "
                   "before and after")

    def measure_webhook(self):
        """The same backlog over a webhook, and wrk on the same receiver: as many connections, bodies of the same size, by POST."""
        kind = self._backlog()
        self._receiver.reset()
        self._catch_up("webhook", kind, {"source": "webhook", "uri": self._receiver.url(0), "maxInFlight": IN_FLIGHT},
                       self._await_webhook)
        self._measure_wrk()

    def _backlog(self):
        """Events of one type without a stream, once for all that catch up with them."""
        kind = "bench:behind"
        if not self._has_backlog:
            self._register(kind)
            self._fill(kind, self._options.events)
            self._has_backlog = True
        return kind

    def _publish_alone(self, events):
        seconds = self._rabbit_tool("publish", "ceiling", events, WINDOW)
        self._rabbit_tool("delete", "ceiling")
        return events / seconds

    def _catch_up(self, name, kind, destination, await_all):
        """From the registration's answer to the last event's arrival."""
        self._register(kind, {"name": name, "from": "beginning", **destination})
        begin = time.monotonic()
        await_all()
        seconds = time.monotonic() - begin
        self._register(kind)
        events = self._options.events
        self._note(name, events / seconds, f"{name} stream {events:,} events behind: {seconds:.1f} s")

    def _await_webhook(self, patience=120):
        deadline = time.monotonic() + patience
        while self._receiver.count(0) < self._options.events:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the webhook did not catch up within {patience} s")
            time.sleep(0.01)

    def _measure_wrk(self):
        result = wrk(self._receiver.url(0), self._folder / "event.json", IN_FLIGHT, self._options.seconds)
        self._note("wrk", result.rate, f"wrk on the same receiver, {IN_FLIGHT} connections {result.note}")

    def measure_latency(self):
        self._register("bench:latency", {"name": "latency", "source": "webhook", "uri": self._receiver.url(0)})
        self.results["latency"] = self._pace(["bench:latency"], [0], self._options.seconds)
        self._show("accept to webhook, 1,000 events/s", self.results["latency"])

    def measure_intake(self):
        """64 connections; the rate of answers, whatever the streams have still to carry. Then without a stream again, while
        rabbitmq-c sends as many messages a second to the broker: what that alone leaves of intake on these cores."""
        for name, streams in (("intake without", []), ("intake with", [
                {"name": "intake-rabbit", "source": "rabbit", "exchange": "intake", "routingKey": "{type}"},
                {"name": "intake-webhook", "source": "webhook", "uri": self._receiver.url(0)}])):
            kind = "bench:" + name.replace(" ", "-")
            self._rabbit_tool("publish", "intake", 0, 1)
            self._register(kind, *streams)
            body = self._folder / "one.json"
            body.write_text(_item(kind))
            used = self._server.cpu_seconds()
            result = wrk(self._server.url + SEND, body, 64, self._options.seconds)
            micros = (self._server.cpu_seconds() - used) * 1e6 / result.answered
            self._note(name, result.rate, f"{name} one rabbit and one webhook stream {result.note}")
            self.results[f"{name}, CPU"] = micros
            print(f"    of it Headwater and PostgreSQL: {micros:.0f} µs of CPU an event", flush=True)
            self._register(kind)
        rate, seconds = round(self.results["intake with"]), self._options.seconds
        (self._folder / "one.json").write_text(_item("bench:intake-without"))
        with subprocess.Popen(self._rabbit_command("publish", "intake", rate * seconds, WINDOW, rate), stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, text=True) as beside:
            beside.stdin.write(EVENT)
            beside.stdin.close()
            result = wrk(self._server.url + SEND, self._folder / "one.json", 64, seconds)
        self._note("intake beside", result.rate, f"intake without a stream beside rabbitmq-c, {rate:,} a second {result.note}")

    def measure_hanging(self):
        """50 types with a webhook each, 1,000 events/s in turn; then once more while the first webhook does not answer."""
        kinds = [f"bench:many-{i}" for i in range(DESTINATIONS)]
        for i, kind in enumerate(kinds):
            self._register(kind, {"name": kind.replace(":", "-"), "source": "webhook", "uri": self._receiver.url(i)})
        others = range(1, DESTINATIONS)
        for name in ("answering", "hanging"):
            if name == "hanging":
                self._receiver.hang(0)
            self.results[name] = self._pace(kinds, others, self._options.seconds)
            self._show(f"{DESTINATIONS - 1} webhooks, the 50th {name}", self.results[name])

    def _pace(self, kinds, destinations, seconds):
        pacer = Pacer(self._server.url, SEND, [_item(kind) for kind in kinds])
        pacer.run(1000, 1)  # connections are made
        time.sleep(0.5)
        self._receiver.reset()
        pacer.run(1000, seconds)
        time.sleep(0.5)
        pacer.close()
        if pacer.refused:
            raise RuntimeError(f"{pacer.refused} events were refused")
        stats = [self._receiver.stats(destination) for destination in destinations]
        if sum(each["count"] for each in stats) < 1000 * seconds * len(stats) / len(kinds) * 0.99:
            raise RuntimeError("events are missing at the webhooks")
        return {"p50": statistics.median(each["p50"] for each in stats), "p99": statistics.median(each["p99"] for each in stats)}

    def _rabbit_tool(self, *words):
        """A program of rabbitmq-c (bench/rabbit_main.cpp); returns the seconds it took."""
        return float(run(self._rabbit_command(*words), input=EVENT, timeout=120))

    def _rabbit_command(self, *words):
        return [self._options.build / "headwater_bench_rabbit", str(self._rabbit.port), *map(str, words)]

    def _register(self, kind, *streams):
        self._server.call("PUT", "/api/events/register", {"type": kind, "ttl": "24days", "streams": list(streams)})

    def _fill(self, kind, events):
        batch = [json.loads(_item(kind))] * BATCH
        for _ in range(0, events, BATCH):
            self._server.call("POST", SEND, batch)

    def _note(self, name, rate, what):
        self.results[name] = rate
        print(f"  {what:<62}{rate:>10,.0f}/s", flush=True)

    def _show(self, what, ages):
        print(f"  {what:<62}{ages['p50'] / 1000:>8.2f} ms p50{ages['p99'] / 1000:>9.2f} ms p99", flush=True)


def _item(kind):
    return '{"type":"%s","payload":%s}' % (kind, PAYLOAD)


MEASURES = {
    "rabbit": Delivery.measure_rabbit,
    "webhook": Delivery.measure_webhook,
    "latency": Delivery.measure_latency,
    "intake": Delivery.measure_intake,
    "hanging": Delivery.measure_hanging,
}


def compare(rounds):
    """Prints each expectation with the median over the rounds; below is said, and no failure: this is a report."""
    print(f"\nExpected on two cores ({len(rounds)} round{'s' if len(rounds) > 1 else ''}, median):")
    for what, work_out, bound, is_lower in EXPECTED:
        try:
            value = statistics.median(work_out(results) for results in rounds)
        except KeyError:
            continue
        is_met = value >= bound if is_lower else value < bound
        print(f"  {what:<42}{value:8.2f}   {'at least' if is_lower else 'below'} {bound:<5}{'ok' if is_met else 'NOT REACHED'}")


def run_round(options):
    with WorkFolder() as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        with Rabbit(folder / "rabbit") as rabbit, \
                Receiver(options.build / "headwater_bench_receiver", DESTINATIONS) as receiver, \
                Server([options.build / "headwater", "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                        "--log-level", "warn", "--data-dir", folder / "data", "--rabbit", rabbit.url],
                       folder / "headwater.log") as server:
            delivery = Delivery(options, folder, server, rabbit, receiver)
            for measure in options.measure or MEASURES:
                if sys.stderr.isatty():
                    print(f"  … {measure}", end="\r", file=sys.stderr, flush=True)
                MEASURES[measure](delivery)
            return delivery.results


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench delivery", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=8, help="for each timed part (default 8)")
    parser.add_argument("--events", type=int, default=100_000, help="how far behind streams are that catch up (default 100,000)")
    parser.add_argument("--rounds", type=int, default=1, help="repeat everything; ratios are medians (default 1)")
    parser.add_argument("--measure", action="append", choices=list(MEASURES), help="only this one; repeatable")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder of the built binaries")
    return parser.parse_args()


def main():
    options = read_options()
    print(f"bench delivery: {os.cpu_count()} cores, {len(PAYLOAD)}-byte payload, {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    compare([run_round(options) for _ in range(options.rounds)])


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
