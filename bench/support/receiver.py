"""The fast webhook receiver (bench/receiver_main.cpp) as a child process."""

import http.client
import json
import subprocess


class Receiver:
    """`ports`: one per destination. Use as a context manager."""

    def __init__(self, executable, destinations):
        self._process = subprocess.Popen([executable, str(destinations)], stdout=subprocess.PIPE, text=True)
        self.ports = [int(port) for port in self._process.stdout.readline().split()]

    def url(self, destination):
        return f"http://127.0.0.1:{self.ports[destination]}/"

    def stats(self, destination):
        """What came since reset(): {count, p50, p99, max}, ages of events in microseconds."""
        return json.loads(self._call("GET", destination, "/stats"))

    def count(self, destination):
        return int(self._call("GET", destination, "/count"))

    def reset(self):
        for destination in range(len(self.ports)):
            self._call("DELETE", destination, "/stats")

    def hang(self, destination):
        self._call("PUT", destination, "/hang")

    def _call(self, method, destination, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[destination], timeout=20)
        connection.request(method, path)
        text = connection.getresponse().read()
        connection.close()
        return text

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.kill()
        self._process.wait()
