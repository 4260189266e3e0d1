-- The log: events, and what assigns their places.

-- Times and positions of one append are assigned under this advisory lock; see README.md for the list of locks.
create function headwater.lock_log() returns void language sql as
$$ select pg_advisory_xact_lock(7450489201) $$;

-- The newest id handed out and the log's clock (microseconds since 1970). Moved by setval under the lock, never by nextval.
create sequence headwater.log_head minvalue 0 start 0;
create sequence headwater.log_clock minvalue 0 start 0;

create function headwater.from_micros(micros bigint) returns timestamptz language sql stable as
$$ select timestamptz 'epoch' + micros * interval '1 microsecond' $$;

create function headwater.to_micros(moment timestamptz) returns bigint language sql stable as
$$ select (extract(epoch from moment) * 1000000)::bigint $$;

-- class: a rung of the retention ladder (src/core/retention.cpp). A rung's partitions are made ahead and dropped by the server.
create table headwater.events (
    id             bigint not null,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    type_id        bigint not null,
    class          smallint not null,
    payload_base64 boolean not null,
    subject        text,
    meta           text not null,
    payload        text compression lz4 not null
) partition by list (class);

create index events_by_time on headwater.events (created_at, id);
create index events_by_type on headwater.events (type_id, created_at, id);
create index events_by_subject on headwater.events (subject, created_at, id) where subject is not null;

create table headwater.events_minute     partition of headwater.events for values in (1)  partition by range (created_at);
create table headwater.events_tenminutes partition of headwater.events for values in (2)  partition by range (created_at);
create table headwater.events_hour       partition of headwater.events for values in (3)  partition by range (created_at);
create table headwater.events_sixhours   partition of headwater.events for values in (4)  partition by range (created_at);
create table headwater.events_day        partition of headwater.events for values in (5)  partition by range (created_at);
create table headwater.events_threedays  partition of headwater.events for values in (6)  partition by range (created_at);
create table headwater.events_week       partition of headwater.events for values in (7)  partition by range (created_at);
create table headwater.events_twoweeks   partition of headwater.events for values in (8)  partition by range (created_at);
create table headwater.events_month      partition of headwater.events for values in (9)  partition by range (created_at);
create table headwater.events_quarter    partition of headwater.events for values in (10) partition by range (created_at);
create table headwater.events_year       partition of headwater.events for values in (11) partition by range (created_at);
create table headwater.events_decade     partition of headwater.events for values in (12) partition by range (created_at);
create table headwater.events_permanent  partition of headwater.events for values in (13) partition by range (created_at);

-- Ephemeral events pass through here on their way to other nodes and their streams; kept for a minute, lost in a crash.
create unlogged table headwater.ephemeral_events (like headwater.events including compression);
create index ephemeral_events_by_time on headwater.ephemeral_events (created_at, id);

-- Turns an id into a time: an event with an id >= first_id has created_at >= at, one below first_id has created_at <= at.
create table headwater.log_times (
    first_id bigint primary key,
    at       timestamptz not null
);

-- What each append stored, so that repeating one after a lost answer gives the same answer. Kept for some minutes.
-- The arrays run parallel and tell of the events that were not simply stored; answers as in headwater.idempotency.
create table headwater.append_batches (
    process       bigint not null,
    number        bigint not null,
    previous_head bigint not null,
    clock         timestamptz not null,
    ordinals      bigint[],
    outcomes      text[],
    ids           bigint[],
    times         bigint[],
    answers       text[],
    primary key (process, number)
);
create index append_batches_by_clock on headwater.append_batches using brin (clock);

-- Keys of the last 24 hours, of events and of whole requests. Exact although nothing here is unique over time: it is read
-- and written under the log's lock. A request's row tells what its repeat is answered: with null arrays, that its items are
-- the events from event_id on; else item by item (answers: the JSON of those that were refused before they came here).
create table headwater.idempotency (
    key         uuid not null,
    fingerprint uuid not null,
    event_id    bigint not null,      -- the event, or the first event of the request
    created_at  timestamptz not null, -- of the event, or when the request was answered
    outcomes    text[],
    ids         bigint[],
    times       bigint[],
    answers     text[],
    primary key (key, created_at)
) partition by range (created_at);

-- Which PostgreSQL the head was last moved on.
create table headwater.log_identity (
    system_identifier bigint not null,
    timeline          bigint not null
);
create unique index log_identity_is_one_row on headwater.log_identity ((true));
