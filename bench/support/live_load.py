"""Runs the live load client, headwater_live_load."""

import contextlib
import json
import re
import select
import subprocess


class LiveLoad:
    """The client against one server: `common` are the options that all its runs share."""

    def __init__(self, executable, port, common):
        self._command = [executable, "--port", str(port), "--patience", "60", *map(str, common)]

    def run(self, *options, timeout=150):
        """Returns what the client's RESULT line says. Raises when anything was lost, refused or out of order."""
        done = subprocess.run([*self._command, *map(str, options)], capture_output=True, text=True, timeout=timeout,
                              check=False)
        return read_result(done.stdout, done.stderr, done.returncode)

    @contextlib.contextmanager
    def hold(self, subscribers, *options):
        """Keeps so many subscribers connected."""
        client = subprocess.Popen([*self._command, "--subscribers", str(subscribers), "--hold", *map(str, options)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            is_there = select.select([client.stdout], [], [], 40)[0]
            line = client.stdout.readline() if is_there else ""
            if line.split() != ["ready", str(subscribers), "of", str(subscribers)]:
                raise RuntimeError(f"not all of {subscribers} subscribers could connect: {line or 'silence'}")
            yield
            output, errors = client.communicate("", timeout=30)
            read_result(output, errors, client.returncode)
        finally:
            client.kill()
            client.wait()


def read_result(output, errors, code):
    found = re.search(r"^RESULT (.*)$", output, re.MULTILINE)
    result = json.loads(found[1]) if found else {}
    if code != 0 or result["disordered"]:
        raise RuntimeError(f"the load client ended with {code}: {errors.strip()[-500:]} {found[1] if found else ''}")
    return result
