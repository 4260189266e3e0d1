-- Which events each feed consumer has processed.

create table headwater.clients (
    client_id  bigint generated always as identity primary key,
    name       text not null unique,
    created_at timestamptz not null default clock_timestamp()
);

-- 4,096 ids to a row: bit (id & 4095), counted from the left, of block (id >> 12).
create table headwater.ack_bitmaps (
    client_id bigint not null references headwater.clients on delete cascade,
    block     bigint not null,
    bits      bit(4096) not null,
    primary key (client_id, block)
) with (fillfactor = 70);
alter table headwater.ack_bitmaps alter column bits set storage plain;

-- Everything of the type up to and including `through`; type_id 0 means every type.
create table headwater.ack_watermarks (
    client_id bigint not null references headwater.clients on delete cascade,
    type_id   bigint not null,
    through   bigint not null,
    primary key (client_id, type_id)
) with (fillfactor = 70);
