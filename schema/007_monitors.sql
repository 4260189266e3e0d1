-- Check-in monitors: who must report how often, and what became of it.

create table headwater.monitors (
    monitor_id    bigint generated always as identity primary key,
    name          text not null,
    description   text not null,
    every         text not null,     -- as it was given, such as '4hours'
    threshold     integer not null check (threshold >= 0),
    period        interval not null, -- (threshold + 1) times `every`: after that without a check-in it is Dead
    key_hash      uuid not null unique,
    status        text not null default 'Unknown' check (status in ('Unknown', 'Ok', 'Dead')),
    status_since  timestamptz not null default clock_timestamp(),
    is_paused     boolean not null default false,
    checked_in_at timestamptz,
    due_at        timestamptz,
    look_at       timestamptz,       -- when it must be looked at: not after due_at, and mostly long before
    check_ins     timestamptz[] not null default '{}', -- the newest 25, newest first
    version       bigint not null default 1,
    created_at    timestamptz not null default clock_timestamp(),
    updated_at    timestamptz not null default clock_timestamp(),
    check ((due_at is not null) = (status = 'Ok' and not is_paused)),
    check ((look_at is null) = (due_at is null) and look_at <= due_at)
) with (fillfactor = 60);
-- A check-in moves due_at alone, so it rewrites its row and no index; the first look after that moves look_at.
create index monitors_by_look on headwater.monitors (look_at) where look_at is not null;

-- The newest hundred of each monitor.
create table headwater.monitor_flips (
    flip_id     bigint generated always as identity primary key,
    monitor_id  bigint not null references headwater.monitors on delete cascade,
    at          timestamptz not null,
    from_status text not null check (from_status in ('Unknown', 'Ok', 'Dead')),
    to_status   text not null check (to_status in ('Ok', 'Dead')),
    reason      text not null check (reason in ('check-in', 'late', 'fail')),
    event_id    bigint -- null: without an event (the first check-in)
);
create index monitor_flips_by_monitor on headwater.monitor_flips (monitor_id, flip_id);

-- Which streams carry a monitor's notifications. A stream is one destination, shared by all monitors that name it.
create table headwater.monitor_notices (
    monitor_id bigint not null references headwater.monitors on delete cascade,
    stream_id  bigint not null references headwater.streams on delete cascade,
    place      smallint not null,
    primary key (monitor_id, stream_id)
);
create index monitor_notices_by_stream on headwater.monitor_notices (stream_id);

-- A monitor as src/postgres/monitor_store.cpp reads it; times are microseconds since 1970.
create view headwater.monitor_rows as
select m.monitor_id, m.name, m.description, m.every, m.threshold, m.status, headwater.to_micros(m.status_since) as since,
       m.is_paused, headwater.to_micros(m.checked_in_at) as checked_in_at, headwater.to_micros(m.due_at) as due_at,
       (select array_agg(headwater.to_micros(c.at)) from unnest(m.check_ins) as c(at)) as check_ins,
       (select array_agg(n.stream_id order by n.place) from headwater.monitor_notices n
        where n.monitor_id = m.monitor_id) as notices,
       m.version, headwater.to_micros(m.created_at) as created_at, headwater.to_micros(m.updated_at) as updated_at
from headwater.monitors m;

-- Numbers the appends that are not a node's own (append_batches wants a pair that is unique).
create sequence headwater.monitor_appends;

-- Calendar arithmetic in UTC, whatever the session's time zone.
create function headwater.monitor_due(at timestamptz, period interval) returns timestamptz language sql immutable as
$$ select (at at time zone 'UTC' + period) at time zone 'UTC' $$;

create function headwater.to_rfc3339(moment timestamptz) returns text language sql stable as
$$ select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- The payload of the event that tells of a monitor's new status.
create function headwater.monitor_payload(m headwater.monitors, p_to text, p_reason text, p_now timestamptz)
returns text language sql stable as $$
    select json_strip_nulls(json_build_object(
        'monitor', m.monitor_id::text, 'name', m.name, 'status', p_to, 'previous', m.status, 'reason', p_reason,
        'summary', m.name || case
            when p_to = 'Ok' then ' is back after ' || date_trunc('second', p_now - m.status_since)::text
            when p_reason = 'fail' then ' has reported a failure'
            else ' is late: no check-in since ' || headwater.to_rfc3339(m.checked_in_at) end,
        'every', m.every, 'threshold', m.threshold, 'checked_in_at', headwater.to_rfc3339(m.checked_in_at),
        'due_at', headwater.to_rfc3339(m.due_at),
        'down_since', case when p_to = 'Ok' then headwater.to_rfc3339(m.status_since) end,
        'downtime_seconds', case when p_to = 'Ok' then round(extract(epoch from p_now - m.status_since), 3) end,
        'notices', (select coalesce(json_agg(n.stream_id::text order by n.place), '[]')
                    from headwater.monitor_notices n where n.monitor_id = m.monitor_id)))::text
$$;

-- Appends one event for each of these monitors and tells the first id; null when the type is not registered.
create function headwater.append_monitor_events(p_type text, p_subjects text[], p_payloads text[])
returns bigint language plpgsql as $$
declare
    v_type  bigint := (select t.type_id from headwater.event_types t where t.name = p_type and t.removed_at is null);
    v_count int := cardinality(p_subjects);
begin
    if v_type is null or v_count = 0 then return null; end if;
    return (select a.o_previous_head + 1 from headwater.append(
        0, nextval('headwater.monitor_appends'), array[v_type],
        array_fill(v_type, array[v_count]), p_subjects, array_fill(''::text, array[v_count]), p_payloads,
        array_fill(false, array[v_count]), '{}', '{}', '{}', '{}', '{}', '{}', '{}') a);
end $$;

-- Turns these monitors Ok or Dead: state, flip and event in one transaction. The caller holds their rows.
create function headwater.turn_monitors(p_ids bigint[], p_to text, p_reason text) returns void language plpgsql as $$
declare
    v_now   timestamptz;
    v_texts text[];
    v_first bigint;
begin
    if coalesce(cardinality(p_ids), 0) = 0 then return; end if;
    perform headwater.lock_log();
    v_now := clock_timestamp();
    select array_agg(headwater.monitor_payload(m, p_to, p_reason, v_now) order by g.ordinal) into v_texts
    from unnest(p_ids) with ordinality as g(id, ordinal) join headwater.monitors m on m.monitor_id = g.id;
    v_first := headwater.append_monitor_events('monitor:' || lower(p_to), p_ids::text[], v_texts);

    insert into headwater.monitor_flips (monitor_id, at, from_status, to_status, reason, event_id)
    select m.monitor_id, v_now, m.status, p_to, p_reason, v_first + g.ordinal - 1
    from unnest(p_ids) with ordinality as g(id, ordinal) join headwater.monitors m on m.monitor_id = g.id;
    delete from headwater.monitor_flips f using unnest(p_ids) as g(id)
    where f.monitor_id = g.id and f.flip_id <= (select k.flip_id from headwater.monitor_flips k where k.monitor_id = g.id
                                                order by k.flip_id desc offset 100 limit 1);

    update headwater.monitors m
    set status = p_to, status_since = v_now, checked_in_at = case when p_to = 'Ok' then v_now else m.checked_in_at end,
        check_ins = case when p_to = 'Ok' then (v_now || m.check_ins)[1:25] else m.check_ins end,
        due_at = case when p_to = 'Ok' and not m.is_paused then headwater.monitor_due(v_now, m.period) end,
        look_at = case when p_to = 'Ok' and not m.is_paused then headwater.monitor_due(v_now, m.period) end
    where m.monitor_id = any (p_ids);
end $$;

-- Records a batch of check-ins; the arrays run parallel. An id that is null is found by the key. The answer has a letter for
-- each: o recorded, u unknown, k wrong key. Plans are made for many monitors, whatever was there at the first call.
create function headwater.check_in(p_ids bigint[], p_keys uuid[], p_fails boolean[], out o_outcomes text, out o_turned int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
declare
    v_now     timestamptz;
    v_ids     bigint[]; -- of those that are still to be recorded
    v_fails   bigint[];
    v_unknown bigint[];
    v_done    bigint;
    v_alive   int;
    v_turned  bigint[];
    v_touched int := 0;
begin
    -- One batch at a time, on all nodes: so that two of them cannot wait for each other's rows.
    perform pg_advisory_xact_lock(7450489207);
    v_now := clock_timestamp();
    o_turned := 0;
    -- Mostly all of them are Ok and have the right key: then this is all.
    with touched as (
        update headwater.monitors m
        set checked_in_at = v_now, check_ins = (array_fill(v_now, array[least(g.count, 25)::int]) || m.check_ins)[1:25],
            due_at = case when not m.is_paused then headwater.monitor_due(v_now, m.period) end,
            look_at = case when not m.is_paused then least(m.look_at, headwater.monitor_due(v_now, m.period)) end
        from (select r.id, r.key, count(*) from unnest(p_ids, p_keys, p_fails) as r(id, key, is_fail)
              where not r.is_fail group by r.id, r.key) as g
        where m.monitor_id = g.id and m.key_hash = g.key and m.status = 'Ok'
        returning g.count)
    select sum(t.count) into v_done from touched t;
    if v_done = cardinality(p_ids) then
        o_outcomes := repeat('o', cardinality(p_ids));
        return;
    end if;
    select string_agg(case when m.monitor_id is null then 'u' when m.key_hash <> r.key then 'k' else 'o' end, '' order by r.ordinal),
           array_agg(m.monitor_id) filter (where m.key_hash = r.key and not r.is_fail and m.checked_in_at is distinct from v_now),
           array_agg(distinct m.monitor_id) filter (where m.key_hash = r.key and r.is_fail),
           array_agg(distinct m.monitor_id) filter (where m.key_hash = r.key and not r.is_fail and m.status = 'Unknown'),
           count(distinct m.monitor_id) filter (where m.key_hash = r.key and not r.is_fail and m.status <> 'Dead'
                                                   and m.checked_in_at is distinct from v_now)
    into o_outcomes, v_ids, v_fails, v_unknown, v_alive
    from unnest(p_ids, p_keys, p_fails) with ordinality as r(id, key, is_fail, ordinal)
    left join lateral (
        select m.monitor_id, m.key_hash, m.status, m.checked_in_at from headwater.monitors m where m.monitor_id = r.id
        union all
        select m.monitor_id, m.key_hash, m.status, m.checked_in_at from headwater.monitors m
        where r.id is null and m.key_hash = r.key
    ) m on true;

    if v_unknown is not null then
        insert into headwater.monitor_flips (monitor_id, at, from_status, to_status, reason)
        select g.id, v_now, 'Unknown', 'Ok', 'check-in' from unnest(v_unknown) as g(id);
    end if;
    if v_alive > 0 then
        update headwater.monitors m
        set status = 'Ok', status_since = case when m.status = 'Ok' then m.status_since else v_now end,
            checked_in_at = v_now, check_ins = (array_fill(v_now, array[least(g.count, 25)::int]) || m.check_ins)[1:25],
            due_at = case when not m.is_paused then headwater.monitor_due(v_now, m.period) end,
            look_at = case when not m.is_paused then least(m.look_at, headwater.monitor_due(v_now, m.period)) end
        from (select id, count(*) from unnest(v_ids) as i(id) group by id) as g
        where m.monitor_id = g.id and m.status <> 'Dead';
        get diagnostics v_touched = row_count;
    end if;
    -- Dead before, or turned Dead since the first look: by a transaction that this one has waited for.
    if v_touched < (select count(distinct id) from unnest(v_ids) as i(id)) then
        select array_agg(l.monitor_id) into v_turned from (
            select m.monitor_id from headwater.monitors m
            where m.monitor_id = any (v_ids) and m.status = 'Dead' order by m.monitor_id for update) l;
        perform headwater.turn_monitors(v_turned, 'Ok', 'check-in');
        o_turned := coalesce(cardinality(v_turned), 0);
    end if;
    if v_fails is not null then
        select array_agg(l.monitor_id) into v_turned from (
            select m.monitor_id from headwater.monitors m
            where m.monitor_id = any (v_fails) and m.status <> 'Dead' order by m.monitor_id for update) l;
        perform headwater.turn_monitors(v_turned, 'Dead', 'fail');
        o_turned := o_turned + coalesce(cardinality(v_turned), 0);
    end if;
end $$;

-- Moves the looks at monitors that have checked in meanwhile to where they are due. True when there may be more.
create function headwater.look_again(p_limit int) returns boolean language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
declare
    v_now   timestamptz := clock_timestamp();
    v_count int;
begin
    update headwater.monitors m set look_at = m.due_at
    from (select l.monitor_id from headwater.monitors l where l.look_at <= v_now and l.due_at > v_now
          order by l.look_at limit p_limit for update skip locked) l
    where m.monitor_id = l.monitor_id;
    get diagnostics v_count = row_count;
    return v_count >= p_limit;
end $$;

-- Turns late monitors Dead. Rows that somebody holds are left for the next call, so this never waits with the log's lock in
-- its hands. Tells how late each was (seconds), and when to look again (microseconds from now; null: nothing to wait for).
create function headwater.turn_late(p_limit int, out o_delays float8[], out o_wait bigint) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
declare
    v_ids bigint[];
begin
    if exists (select from headwater.monitors m where m.look_at <= clock_timestamp() and m.due_at <= clock_timestamp()) then
        perform headwater.lock_log();
        select array_agg(l.monitor_id), array_agg(extract(epoch from clock_timestamp() - l.due_at)::float8) into v_ids, o_delays
        from (select m.monitor_id, m.due_at from headwater.monitors m
              where m.look_at <= clock_timestamp() and m.due_at <= clock_timestamp()
              order by m.look_at limit p_limit for update skip locked) l;
        perform headwater.turn_monitors(v_ids, 'Dead', 'late');
    end if;
    o_wait := (select greatest(0, headwater.to_micros(n.look_at) - headwater.to_micros(clock_timestamp()))
               from (select min(m.look_at) as look_at from headwater.monitors m where m.look_at is not null) n
               where n.look_at is not null);
end $$;

-- Removes those of these streams that carry no monitor's notifications any more.
create function headwater.drop_unused_notices(p_streams bigint[]) returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    perform pg_advisory_xact_lock(7450489202); -- the registry's
    delete from headwater.streams s
    where s.stream_id = any (p_streams) and s.source = 'monitor'
          and not exists (select from headwater.monitor_notices n where n.stream_id = s.stream_id);
    get diagnostics v_count = row_count;
    if v_count > 0 then
        update headwater.registry_generation set generation = generation + 1;
        perform pg_notify('headwater_registry', (select generation::text from headwater.registry_generation));
    end if;
    return v_count;
end $$;
