-- Rooms: namespaces, who has subscribed to what, and what was taken away again.

create table headwater.namespaces (
    namespace_id bigint generated always as identity primary key,
    name         text not null unique,      -- its events have the type 'room:' || name
    acl_url      text not null,             -- the service that is asked who may subscribe
    jwt          text not null default '',  -- the rule for its users' tokens as JSON; '' when there is none
    version      bigint not null default 1,
    created_at   timestamptz not null default clock_timestamp(),
    updated_at   timestamptz not null default clock_timestamp()
);

create table headwater.room_subscriptions (
    user_name    text not null,
    namespace_id bigint not null references headwater.namespaces on delete cascade,
    room         text not null,
    created_at   timestamptz not null default clock_timestamp(),
    primary key (user_name, namespace_id, room)
);
create index room_subscriptions_by_room on headwater.room_subscriptions (namespace_id, room);

-- The last revocation of each user in each room, so that a subscription whose permission was given before it does not come
-- after it. Kept for an hour: permissions are remembered for a minute.
create table headwater.room_revocations (
    user_name    text not null,
    namespace_id bigint not null references headwater.namespaces on delete cascade,
    room         text not null,
    number       bigint not null,
    at           timestamptz not null default clock_timestamp(),
    primary key (user_name, namespace_id, room)
);
create index room_revocations_by_time on headwater.room_revocations (at);
create index room_revocations_by_room on headwater.room_revocations (namespace_id, room);
create sequence headwater.room_revocation_numbers;

-- Who got into a room and who left it is itself told by events, in the order of the log: that is how open feeds learn of it, on
-- every node and between the right two messages.
insert into headwater.event_types (name, retention, ttl, class, is_ephemeral)
values ('headwater:room-access', '1week', interval '7 days', 7, false)
on conflict (name) do nothing;
update headwater.registry_generation set generation = generation + 1;

-- Appends one such event for each element; they must not be missing.
create function headwater.tell_room_access(p_subjects text[], p_payloads text[]) returns void language plpgsql as $$
begin
    if coalesce(cardinality(p_subjects), 0) = 0 then return; end if;
    if headwater.append_monitor_events('headwater:room-access', p_subjects, p_payloads) is null then
        raise exception 'the type headwater:room-access is not registered';
    end if;
end $$;

create function headwater.room_access_payload(p_change text, p_user text, p_namespace text, p_room text)
returns text language sql immutable as $$
    select json_strip_nulls(json_build_object('change', p_change, 'user', p_user, 'namespace', p_namespace, 'room', p_room))::text
$$;

-- Makes a batch of changes, in order; the arrays run parallel. Kinds: s subscribe, u unsubscribe, r revoke. p_numbers: the
-- revocation that was the last one when the permission was asked for. The answer has a letter for each: d done, n no such
-- namespace, r revoked meanwhile, m too many rooms.
create function headwater.change_rooms(
    p_kinds text, p_users text[], p_namespaces text[], p_rooms text[], p_numbers bigint[], p_limit int, out o_outcomes text)
language plpgsql as $$
declare
    v_id       bigint;
    v_kind     text;
    v_outcome  text;
    v_change   text;
    v_subjects text[] := '{}';
    v_payloads text[] := '{}';
begin
    perform headwater.lock_log();
    o_outcomes := '';
    for i in 1 .. cardinality(p_users) loop
        v_kind := substr(p_kinds, i, 1);
        v_outcome := 'd';
        v_change := null;
        select n.namespace_id into v_id from headwater.namespaces n where n.name = p_namespaces[i];
        if v_id is null then
            v_outcome := 'n';
        elsif v_kind = 's' then
            if exists (select from headwater.room_revocations r where r.user_name = p_users[i] and r.namespace_id = v_id
                       and r.room = p_rooms[i] and r.number > p_numbers[i]) then
                v_outcome := 'r';
            elsif exists (select from headwater.room_subscriptions s where s.user_name = p_users[i]
                          and s.namespace_id = v_id and s.room = p_rooms[i]) then
                v_outcome := 'd';
            elsif (select count(*) from (select from headwater.room_subscriptions s where s.user_name = p_users[i]
                                         limit p_limit) l) >= p_limit then
                v_outcome := 'm';
            else
                insert into headwater.room_subscriptions (user_name, namespace_id, room) values (p_users[i], v_id, p_rooms[i]);
                v_change := 'subscribed';
            end if;
        else
            delete from headwater.room_subscriptions s
            where s.user_name = p_users[i] and s.namespace_id = v_id and s.room = p_rooms[i];
            if v_kind = 'r' then
                insert into headwater.room_revocations (user_name, namespace_id, room, number)
                values (p_users[i], v_id, p_rooms[i], nextval('headwater.room_revocation_numbers'))
                on conflict (user_name, namespace_id, room) do update set number = excluded.number, at = excluded.at;
                v_change := 'revoked';
            elsif found then
                v_change := 'unsubscribed';
            end if;
        end if;
        if v_change is not null then
            v_subjects := v_subjects || p_users[i];
            v_payloads := v_payloads || headwater.room_access_payload(v_change, p_users[i], p_namespaces[i], p_rooms[i]);
        end if;
        o_outcomes := o_outcomes || v_outcome;
    end loop;
    perform headwater.tell_room_access(v_subjects, v_payloads);
    delete from headwater.room_revocations r
    using (select o.user_name, o.namespace_id, o.room from headwater.room_revocations o
           where o.at < clock_timestamp() - interval '1 hour' order by o.at limit 100) as old
    where (r.user_name, r.namespace_id, r.room) = (old.user_name, old.namespace_id, old.room);
end $$;

-- Makes a namespace or changes it; the type of its events is registered by the caller, before. An empty p_jwt removes the rule,
-- null keeps it. Nodes learn of it with the registry.
create function headwater.put_namespace(p_name text, p_acl_url text, p_jwt text, out o_is_new boolean) language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7450489202); -- the registry's
    insert into headwater.namespaces as n (name, acl_url, jwt) values (p_name, p_acl_url, coalesce(p_jwt, ''))
    on conflict (name) do update
        set acl_url = excluded.acl_url, jwt = coalesce(p_jwt, n.jwt), version = n.version + 1, updated_at = clock_timestamp()
    returning n.version = 1 into o_is_new;
    update headwater.registry_generation set generation = generation + 1;
    perform pg_notify('headwater_registry', (select generation::text from headwater.registry_generation));
end $$;

-- Removes it with its subscriptions, and tells the open feeds.
create function headwater.remove_namespace(p_name text) returns boolean language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7450489202); -- the registry's
    perform headwater.lock_log();
    delete from headwater.namespaces n where n.name = p_name;
    if not found then return false; end if;
    perform headwater.tell_room_access(array[null], array[headwater.room_access_payload('removed', null, p_name, null)]);
    update headwater.registry_generation set generation = generation + 1;
    perform pg_notify('headwater_registry', (select generation::text from headwater.registry_generation));
    return true;
end $$;

-- A namespace as src/postgres/room_store.cpp reads it; times are microseconds since 1970.
create view headwater.namespace_rows as
select n.name, n.acl_url, n.jwt, coalesce(t.retention, '') as history, n.version,
       headwater.to_micros(n.created_at) as created_at, headwater.to_micros(n.updated_at) as updated_at
from headwater.namespaces n
left join headwater.event_types t on t.name = 'room:' || n.name and t.removed_at is null;
