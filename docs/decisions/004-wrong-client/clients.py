"""16 clients that ask for a path of their own and check that they are answered it, beside 16 that reset their connections at
random moments. Usage: clients.py PORT [SECONDS]"""

import random
import socket
import struct
import sys
import threading
import time

PORT, SECONDS = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 20
END = time.monotonic() + SECONDS
counts = {"right": 0, "wrong": 0, "broken": 0}
lock = threading.Lock()


def connect():
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=2)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() resets
    return connection


def ask(connection, path):
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def resetting(name):
    number = 0
    while time.monotonic() < END:
        try:
            with connect() as connection:
                number += 1
                ask(connection, f"/reset-{name}-{number}")
                time.sleep(random.random() / 1000)
        except OSError:
            pass


def asking(name):
    number = 0
    while time.monotonic() < END:
        try:
            with connect() as connection:
                for _ in range(5):
                    number += 1
                    path = f"/{name}-{number}"
                    ask(connection, path)
                    body = connection.recv(4096).decode().partition("\r\n\r\n")[2]
                    kind = "right" if body == path else "wrong" if body else "broken"
                    with lock:
                        counts[kind] += 1
                        if kind == "wrong" and counts["wrong"] <= 5:
                            print(f"asked for {path}, was answered {body!r}")
                    if kind != "right":
                        break
        except OSError:
            with lock:
                counts["broken"] += 1


threads = [threading.Thread(target=what, args=(n,)) for n in range(16) for what in (resetting, asking)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
