"""Fills a log by SQL, in its own shape: partitions, ids in the order of commits, and the index of times."""

import os
import pathlib
import re
import subprocess
import tempfile
import time

from load import run

# One second of the log holds as many events as it takes; ten share a commit, and so a time.
EVENTS_PER_COMMIT = 10

HELPERS = """
create schema if not exists bench;
create or replace function bench.clear() returns void language plpgsql as $$
declare
    p record;
begin
    for p in select i.inhrelid::regclass as name from pg_inherits i join pg_inherits o on o.inhrelid = i.inhparent
             where o.inhparent = 'headwater.events'::regclass loop
        execute format('drop table %s', p.name);
    end loop;
    truncate headwater.log_times, headwater.append_batches;
    delete from headwater.clients;
end $$;
"""

# What the log knows besides the events: the index of times as append() writes it, and the head.
AFTERWARDS = """
insert into headwater.log_times
    select min(id), created_at from headwater.events where id % {every} < {commit} group by created_at order by 1;
select setval('headwater.log_head', (select max(id) from headwater.events)),
       setval('headwater.log_clock', headwater.to_micros((select max(created_at) from headwater.events)));
"""


# A partition that is filled and then attached, so that its indexes are built once, at the end.
PARTITION = """
drop table if exists headwater.{name};
create table headwater.{name} (like headwater.events including defaults including compression including constraints);
insert into headwater.{name} (id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload)
    select id, created_at, {expiry}, (select type_id from headwater.event_types where name = '{type}'), {class_id}, false, null, '',
           '{payload}'
    from (select n as id, {when} as created_at from generate_series({first}::bigint, {last}::bigint) n where {which} offset 0) e
    where created_at >= to_timestamp({begin}) and created_at < to_timestamp({end});
alter table headwater.events_{rung} attach partition headwater.{name} for values from (to_timestamp({begin})) to (to_timestamp({end}));
"""


def partition_name(rung, begin):
    return f"events_{rung}_" + time.strftime("%Y%m%d_%H%M%S", time.gmtime(begin))


class OfflinePostgres:
    """The private PostgreSQL of a Headwater that is not running, without the safety of its own settings: for filling only."""

    def __init__(self, data_dir, bin_dir):
        self._data, self._bin = data_dir / "postgres", bin_dir
        self._become = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []

    def __enter__(self):
        self._socket = tempfile.TemporaryDirectory(prefix="hwb-", dir="/tmp")
        os.chmod(self._socket.name, 0o777)
        options = (f"-k {self._socket.name} -c listen_addresses= -c port=5432 -c fsync=off -c full_page_writes=off "
                   "-c synchronous_commit=off -c max_wal_size=8GB -c maintenance_work_mem=512MB -c shared_buffers=1GB "
                   "-c autovacuum=off")
        self._control("start", "-o", options)
        return self

    def __exit__(self, *unused):
        self._control("stop", "-m", "fast")
        self._socket.cleanup()

    def _control(self, *arguments):
        done = subprocess.run([*self._become, self._bin / "pg_ctl", "-D", self._data, "-s", "-w", "-t", "300", "-l", "/dev/null",
                               *arguments], cwd="/", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"pg_ctl {arguments[0]} ended with {done.returncode}")

    def sql(self, text, timeout=900):
        return run([self._bin / "psql", "-h", self._socket.name, "-p", "5432", "-U", "headwater", "-X", "-q", "-A", "-t",
                    "-v", "ON_ERROR_STOP=1", "-d", "headwater", "-c", text], timeout=timeout).strip()


def times_every(source):
    """Every how many ids append() notes a time: it stands in the migration."""
    return int(re.findall(r"v_marked_id >= (\d+)", (source / "schema" / "013_reads.sql").read_text())[-1])


SOURCE = pathlib.Path(__file__).resolve().parents[2]
