-- What is registered: event types and their streams.

create table headwater.event_types (
    type_id      bigint generated always as identity primary key,
    name         text not null unique,
    retention    text not null,            -- canonical, such as '24days'
    ttl          interval,                 -- null: permanent
    class        smallint not null,        -- rung of the retention ladder; 0: ephemeral
    is_ephemeral boolean not null,
    schema_text  text not null default '', -- the payload's JSON Schema; '' when there is none
    version      bigint not null default 1,
    created_at   timestamptz not null default clock_timestamp(),
    updated_at   timestamptz not null default clock_timestamp(),
    removed_at   timestamptz,              -- stored events still need the name, so the row stays
    check (is_ephemeral = (class = 0))
);

create table headwater.streams (
    stream_id     bigint generated always as identity primary key,
    owner_type_id bigint references headwater.event_types, -- null: a stream of its own, over `types`
    name          text not null,
    source        text not null,
    destination   text not null,
    stream_order  text not null check (stream_order in ('loose', 'subject', 'strict')),
    types         text[] not null default '{}',
    is_paused     boolean not null default false,
    cursor_id     bigint not null,
    cursor_at     timestamptz not null,
    epoch         bigint not null default 0,
    version       bigint not null default 1,
    created_at    timestamptz not null default clock_timestamp(),
    updated_at    timestamptz not null default clock_timestamp(),
    unique nulls not distinct (owner_type_id, name)
);

-- One row. Every change of the two tables above moves it in the same transaction, under the registry's lock.
create table headwater.registry_generation (
    generation bigint not null
);
create unique index registry_generation_is_one_row on headwater.registry_generation ((true));
insert into headwater.registry_generation values (1);
