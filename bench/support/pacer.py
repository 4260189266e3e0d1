"""Sends events at an even rate, whatever the answers do: latencies then include the wait behind a slow answer."""

import selectors
import socket
import time
import urllib.parse


class Pacer:
    """Keep-alive connections to one server; bodies are sent in turn."""

    def __init__(self, url, path, bodies, connections=16):
        place = urllib.parse.urlparse(url)
        self._requests = [_request(place.netloc, path, body) for body in bodies]
        self._selector = selectors.DefaultSelector()
        self._idle = []
        for _ in range(connections):
            connection = socket.create_connection((place.hostname, place.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(connection, selectors.EVENT_READ)
            self._idle.append(connection)
        self.refused = 0

    def run(self, rate, seconds):
        """Returns how many events were sent; `refused` counts answers other than 201."""
        begin, sent, total = time.monotonic(), 0, int(rate * seconds)
        while sent < total or len(self._idle) < len(self._selector.get_map()):
            due = min(total, int((time.monotonic() - begin) * rate) + 1)
            while sent < due and self._idle:
                self._idle.pop().sendall(self._requests[sent % len(self._requests)])
                sent += 1
            next_due = begin + sent / rate - time.monotonic() if sent < total else 5
            for key, _ in self._selector.select(max(next_due, 0)):
                if not key.fileobj.recv(65536).startswith(b"HTTP/1.1 201"):
                    self.refused += 1
                self._idle.append(key.fileobj)
        return sent

    def close(self):
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()


def _request(host, path, body):
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body.encode()
