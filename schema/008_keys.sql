-- API keys. A key's secret is shown once and stored nowhere: only its SHA-256 is.
create table headwater.keys (
    key_id       bigint generated always as identity primary key,
    name         text not null check (name ~ '^[A-Za-z0-9_.:@-]{1,100}$'),
    shown        text not null,          -- how the secret begins: enough to recognise it, too little to guess it
    hash         bytea not null unique check (octet_length(hash) = 32),
    old_hash     bytea unique check (octet_length(old_hash) = 32),  -- after a rotation, good until old_until
    old_until    timestamptz,
    rate         text,                   -- "1000/s"; null: the server's default
    created_at   timestamptz not null default clock_timestamp(),
    expires_at   timestamptz,
    last_used_at timestamptz,            -- written about once a minute
    revoked_at   timestamptz,
    check ((old_hash is null) = (old_until is null))
);

-- A name can be given again once its key is revoked.
create unique index keys_by_name on headwater.keys (name) where revoked_at is null;

create table headwater.key_grants (
    key_id bigint not null references headwater.keys on delete cascade,
    scope  text not null check (scope in ('send', 'read', 'ack', 'register', 'rooms', 'monitors', 'admin')),
    types  text check (types <> ''),     -- type filters, joined by commas; null: every type
    primary key (key_id, scope)
);

-- One row. Without keys everybody may do everything, until the first key is made; then only the operator's
-- `keys disable` goes back to that.
create table headwater.key_settings (
    is_only_row    boolean primary key default true check (is_only_row),
    is_enforced    boolean not null default false,
    version        bigint not null default 0,   -- moves with every change: what nodes compare
    session_secret bytea not null               -- signs the short-lived tokens of browsers, on every node alike
        default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
);
insert into headwater.key_settings default values;

-- Every change to keys goes through here, in its own transaction: one after the other, and told to all nodes.
create function headwater.keys_changed(enforce boolean default null) returns void language sql as $$
    update headwater.key_settings set version = version + 1, is_enforced = coalesce(enforce, is_enforced);
    select pg_notify('headwater_keys', '');
$$;
