"""What processes cost: CPU and memory, as /proc tells."""

import pathlib


def cpu_seconds(pids):
    """To the nanosecond: the clock's ticks miss most of what sleeps much."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_bytes(pids):
    """Memory shared between them counts once."""
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
