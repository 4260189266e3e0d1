-- Who runs which stream, and the deliveries that did not go well.

-- One row per running process: it may run streams until expires_at, by this server's clock.
create table headwater.leases (
    process    bigint primary key, -- random, drawn at start
    label      text not null,
    expires_at timestamptz not null,
    started_at timestamptz not null default clock_timestamp()
);

-- owner: the process that runs the stream. epoch (there already) grows with each new owner and fences what former ones save.
-- start_id: events at or below were there before the stream was. skip_id: the event that an operator has given up.
alter table headwater.streams
    add column owner         bigint references headwater.leases on delete set null,
    add column start_id      bigint not null default 0,
    add column skip_id       bigint,
    add column state         text not null default 'running' check (state in ('running', 'retrying', 'paused', 'blocked')),
    add column state_since   timestamptz not null default clock_timestamp(),
    add column last_error    text not null default '',
    set (fillfactor = 70);
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
