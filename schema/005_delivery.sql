-- Who runs which stream, and the deliveries that did not go well.

-- One row per running process: it may run streams until expires_at, by this server's clock.
create table headwater.leases (
    process       bigint primary key, -- random, drawn at start
    label         text not null,
    expires_at    timestamptz not null,
    first_renewal bigint not null, -- the renewal that took it
    started_at    timestamptz not null default clock_timestamp()
);

-- Numbers the renewals of all processes.
create sequence headwater.lease_renewals;

-- owner: the process that runs the stream. epoch (there already) grows with each new owner and fences what former ones save.
-- claimed_in: the renewal that gave it to its owner. save_number: of the owner's last save; an older one comes too late.
-- start_id: events at or below were there before the stream was. skip_id: the event that an operator has given up.
-- fillfactor: the cursors of all streams of a node move in one statement, and should find room beside themselves.
alter table headwater.streams
    add column owner       bigint references headwater.leases on delete set null,
    add column claimed_in  bigint not null default 0,
    add column save_number bigint not null default 0,
    add column start_id    bigint not null default 0,
    add column skip_id     bigint,
    add column state       text not null default 'running' check (state in ('running', 'retrying', 'paused', 'blocked')),
    add column state_since timestamptz not null default clock_timestamp(),
    add column last_error  text not null default '',
    set (fillfactor = 45);
create index streams_by_owner on headwater.streams (owner);

-- An event that a stream could not deliver; the cursor has gone past it. Leaves with its event.
create table headwater.failing_events (
    stream_id       bigint not null references headwater.streams on delete cascade,
    event_id        bigint not null,
    event_at        timestamptz not null, -- created_at of the event: reads are bounded by it
    expires_at      timestamptz not null,
    subject         text,
    state           text not null check (state in ('retrying', 'held', 'dead')),
    attempts        integer not null check (attempts >= 0),
    next_attempt_at timestamptz,
    last_error      text not null default '',
    last_status     integer not null default 0,
    died_at         timestamptz,
    undone_death    timestamptz, -- the died_at that an operator has taken back: saved once more, it does not count
    replay_id       bigint not null default 0,
    primary key (stream_id, event_id),
    check ((state = 'dead') = (died_at is not null)),
    check (state <> 'retrying' or next_attempt_at is not null)
);
create index failing_events_at_work on headwater.failing_events (stream_id, event_id) where state <> 'dead';
create index failing_events_dead on headwater.failing_events (stream_id, event_id) where state = 'dead';
create index failing_events_by_event on headwater.failing_events (event_id);
create index failing_events_by_expiry on headwater.failing_events (expires_at);

create table headwater.replays (
    replay_id   bigint generated always as identity primary key,
    stream_id   bigint not null references headwater.streams on delete cascade,
    after_id    bigint not null,          -- exclusive
    through_id  bigint not null,          -- inclusive
    only_dead   boolean not null,
    rate        integer check (rate > 0), -- events a second; null: no limit
    state       text not null default 'running' check (state in ('running', 'done', 'cancelled')),
    cursor_id   bigint not null,
    cursor_at   timestamptz not null,
    delivered   bigint not null default 0,
    failed      bigint not null default 0,
    skipped     bigint not null default 0,
    created_at  timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    check ((state = 'running') = (finished_at is null))
);
create index replays_by_stream on headwater.replays (stream_id, replay_id);
create index replays_running on headwater.replays (stream_id, replay_id) where state = 'running';
create index replays_by_end on headwater.replays (finished_at);

-- Saves what streams have done: one statement, one transaction, one round trip. A stream is left alone altogether, and
-- returned, when it is gone or nobody owns it, under another epoch, or when a later save came first. The arrays of each
-- group run parallel. Rows are locked in the order of stream and event; the plan must keep to it, hence no hash joins.
create function headwater.save_deliveries(
    p_number bigint, p_streams bigint[], p_epochs bigint[], p_cursor_ids bigint[], p_cursor_times timestamptz[],
    p_states text[], p_since timestamptz[], p_errors text[],
    p_settled_streams bigint[], p_settled_events bigint[],
    p_failing_streams bigint[], p_failing_events bigint[], p_event_times timestamptz[], p_expiry_times timestamptz[],
    p_subjects text[], p_failing_states text[], p_attempts bigint[], p_next_attempts timestamptz[],
    p_failing_errors text[], p_statuses bigint[], p_deaths timestamptz[], p_replays bigint[],
    p_progress_streams bigint[], p_progress_replays bigint[], p_progress_ids bigint[], p_progress_times timestamptz[],
    p_delivered bigint[], p_failed bigint[], p_skipped bigint[], p_done boolean[])
returns bigint[] language plpgsql set enable_hashjoin = off set enable_seqscan = off as $$
declare
    v_refused bigint[];
begin
    with given as materialized (
        select * from unnest(p_streams, p_epochs, p_cursor_ids, p_cursor_times, p_states, p_since, p_errors)
            as g(stream_id, epoch, cursor_id, cursor_at, state, since, error) order by stream_id
    ), saved as (
        update headwater.streams s
        set cursor_id = case when (g.cursor_id, g.cursor_at) > (s.cursor_id, s.cursor_at) then g.cursor_id else s.cursor_id end,
            cursor_at = case when (g.cursor_id, g.cursor_at) > (s.cursor_id, s.cursor_at) then g.cursor_at else s.cursor_at end,
            skip_id = case when s.skip_id > g.cursor_id then s.skip_id end,
            state = coalesce(g.state, s.state),
            state_since = coalesce(g.since, s.state_since),
            last_error = coalesce(g.error, s.last_error),
            save_number = p_number
        from given g
        where s.stream_id = g.stream_id and s.epoch = g.epoch and s.owner is not null and s.save_number < p_number
        returning s.stream_id
    )
    select coalesce(array_agg(g.stream_id), '{}') into v_refused
    from given g where g.stream_id not in (select stream_id from saved);

    if cardinality(p_settled_events) > 0 then
        delete from headwater.failing_events f
        using unnest(p_settled_streams, p_settled_events) as g(stream_id, event_id)
        where f.stream_id = g.stream_id and f.event_id = g.event_id and g.stream_id <> all (v_refused);
    end if;

    if cardinality(p_failing_events) > 0 then
        insert into headwater.failing_events as f
            (stream_id, event_id, event_at, expires_at, subject, state, attempts, next_attempt_at, last_error,
             last_status, died_at, replay_id)
        select g.stream_id, g.event_id, g.event_at, g.expires_at, g.subject, g.state, g.attempts,
               case when g.state = 'retrying' then g.next_attempt_at end, g.last_error, g.last_status,
               case when g.state = 'dead' then coalesce(g.died_at, clock_timestamp()) end, g.replay_id
        from unnest(p_failing_streams, p_failing_events, p_event_times, p_expiry_times, p_subjects, p_failing_states,
                    p_attempts, p_next_attempts, p_failing_errors, p_statuses, p_deaths, p_replays)
            as g(stream_id, event_id, event_at, expires_at, subject, state, attempts, next_attempt_at, last_error,
                 last_status, died_at, replay_id)
        where g.stream_id <> all (v_refused)
        order by g.stream_id, g.event_id
        on conflict (stream_id, event_id) do update
        set state = excluded.state, attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
            last_error = excluded.last_error, last_status = excluded.last_status, died_at = excluded.died_at,
            replay_id = excluded.replay_id
        where excluded.died_at is null or f.undone_death is distinct from excluded.died_at;
    end if;

    if cardinality(p_progress_replays) > 0 then
        update headwater.replays r
        set cursor_id = greatest(r.cursor_id, g.cursor_id), cursor_at = greatest(r.cursor_at, g.cursor_at),
            delivered = greatest(r.delivered, g.delivered), failed = greatest(r.failed, g.failed),
            skipped = greatest(r.skipped, g.skipped),
            state = case when g.is_done and r.state = 'running' then 'done' else r.state end,
            finished_at = case when g.is_done and r.state = 'running' then clock_timestamp() else r.finished_at end
        from unnest(p_progress_streams, p_progress_replays, p_progress_ids, p_progress_times, p_delivered, p_failed,
                    p_skipped, p_done)
            as g(stream_id, replay_id, cursor_id, cursor_at, delivered, failed, skipped, is_done)
        where r.replay_id = g.replay_id and r.stream_id = g.stream_id and r.state <> 'done'
            and g.stream_id <> all (v_refused);
    end if;
    return v_refused;
end $$;

-- Ends the leases of these processes: their streams are free, and what they still save is refused. The streams are locked
-- in order first, since their former owner may be saving just now.
create function headwater.end_leases(p_processes bigint[]) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7450489206);
    perform from headwater.streams where owner = any (p_processes) order by stream_id for no key update;
    update headwater.streams set owner = null where owner = any (p_processes);
    delete from headwater.leases where process = any (p_processes);
end $$;

-- Renews the lease of a process, or takes it; ends those that have run out; claims free streams up to the process's share.
-- p_answered: the number of its last renewal whose answer it got, 0 for none. Streams that it owns with claimed_in greater
-- than that are new to it. A process that comes late itself ends nobody's lease this time: what kept it may have kept the
-- others too. Streams that somebody has locked are left to the next renewal, so that a claim waits for nobody.
create function headwater.renew_lease(
    p_process bigint, p_label text, p_answered bigint,
    out o_number bigint, out o_is_lost boolean, out o_surplus bigint, out o_has_claimed boolean)
language plpgsql as $$
declare
    v_now   timestamptz;
    v_own   record;
    v_ended bigint[];
    v_share bigint;
    v_held  bigint;
begin
    perform pg_advisory_xact_lock(7450489206);
    v_now := clock_timestamp();
    o_number := nextval('headwater.lease_renewals');
    select l.first_renewal, l.expires_at into v_own from headwater.leases l where l.process = p_process;
    o_is_lost := p_answered > 0 and coalesce(v_own.first_renewal > p_answered, true);

    if coalesce(v_own.expires_at > v_now, true) then
        v_ended := array(select process from headwater.leases where expires_at <= v_now and process <> p_process);
        if cardinality(v_ended) > 0 then
            perform headwater.end_leases(v_ended), pg_notify('headwater_leases', p_process::text);
        end if;
    end if;
    insert into headwater.leases (process, label, expires_at, first_renewal)
    values (p_process, p_label, v_now + interval '6 seconds', o_number)
    on conflict (process) do update set label = excluded.label, expires_at = excluded.expires_at;

    v_share := (select ceil(count(*) / (select count(*) from headwater.leases where expires_at > v_now)::numeric)
                from headwater.streams);
    v_held := (select count(*) from headwater.streams where owner = p_process);
    o_surplus := greatest(v_held - v_share, 0);
    if v_held < v_share then
        with free as materialized (
            select stream_id from headwater.streams where owner is null order by stream_id
            limit v_share - v_held for no key update skip locked
        )
        update headwater.streams s
        set owner = p_process, epoch = s.epoch + 1, claimed_in = o_number, save_number = 0
        from free where s.stream_id = free.stream_id;
    end if;
    o_has_claimed := exists (select from headwater.streams where owner = p_process and claimed_in > p_answered);
end $$;

-- What each change of a stream's state is told as. Once: an operator may change it, or remove it for good.
insert into headwater.event_types (name, retention, ttl, class, is_ephemeral)
values ('headwater:stream-state', '90days', interval '90 days', 10, false)
on conflict (name) do nothing;
update headwater.registry_generation set generation = generation + 1;
