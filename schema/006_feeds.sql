-- What feeds look up besides the events themselves.

-- From a time to the ids that were handed out around it.
create index log_times_by_time on headwater.log_times (at, first_id);

-- Events that expired before the stream had delivered them.
alter table headwater.streams add column expired bigint not null default 0;

-- What of a class a stream has lost to a partition's drop: everything created before `through` is in its count.
create table headwater.counted_expiry (
    stream_id bigint not null references headwater.streams on delete cascade,
    class     smallint not null,
    through   timestamptz not null,
    primary key (stream_id, class)
);

-- The types that a stream carries; the same rules as TypeFilter::matches (src/core/type_filter.cpp).
-- PL/pgSQL, because a SQL function that cannot be inlined is planned anew for each call.
create function headwater.types_of(p_owner_type_id bigint, p_filters text[]) returns bigint[] language plpgsql stable as $$
begin
    if p_owner_type_id is not null then return array[p_owner_type_id]; end if;
    if p_filters = '{}' then
        return array(select t.type_id from headwater.event_types t where t.name !~ '^(room|monitor|headwater):');
    end if;
    return array(
        select t.type_id from headwater.event_types t
        where exists (
            select from unnest(p_filters) as f(filter)
            where t.name ~ ('^' || replace(replace(replace(f.filter, '.', '\.'), '**', '.+'), '*', '[^:]+') || '$')
              and (t.name !~ '^(room|monitor|headwater):' or starts_with(f.filter, split_part(t.name, ':', 1) || ':'))));
end $$;

-- A cursor that passes events which had expired before they could be delivered has lost them. An event that expired only
-- within the last seconds may have been delivered in time, and its cursor saved a little later. A million at a time is counted.
create function headwater.note_expired() returns trigger language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    v_types bigint[];
    v_until timestamptz;
begin
    -- Nothing that was stored behind the cursor can have expired yet: the common case, idle streams among it.
    if not exists (select from headwater.event_types t where t.ttl < statement_timestamp() - greatest(old.cursor_at, 'epoch')) then
        return new;
    end if;
    v_types := headwater.types_of(old.owner_type_id, old.types);
    v_until := coalesce((select t.at from headwater.log_times t where t.first_id > new.cursor_id order by t.first_id limit 1), 'infinity');
    new.expired := old.expired + (select count(*) from (
        select from headwater.events e
        where e.type_id = any (v_types) and e.created_at >= old.cursor_at and e.created_at <= v_until
          and e.id > old.cursor_id and e.id <= new.cursor_id
          and e.expires_at <= clock_timestamp() - interval '2 seconds' and e.expires_at > old.created_at
          and not exists (select from headwater.counted_expiry c
                          where c.stream_id = old.stream_id and c.class = e.class and e.created_at < c.through)
        limit 1000000) passed);
    return new;
end $$;

create trigger streams_note_expired before update of cursor_id on headwater.streams for each row
when (new.cursor_id > old.cursor_id and old.cursor_at < statement_timestamp() - interval '3 seconds')
execute function headwater.note_expired();

-- Before a partition goes: what it holds behind the stream's cursor is lost to the stream. Once for each partition.
create function headwater.count_expired(p_stream_id bigint, p_class smallint, p_begin timestamptz, p_end timestamptz)
returns void language plpgsql as $$
declare
    s       headwater.streams;
    v_types bigint[];
begin
    select * into s from headwater.streams where stream_id = p_stream_id for update;
    if s.stream_id is null or exists (select from headwater.counted_expiry c where c.stream_id = p_stream_id
                                      and c.class = p_class and c.through >= p_end) then return; end if;
    v_types := headwater.types_of(s.owner_type_id, s.types);
    update headwater.streams set expired = s.expired + (
        select count(*) from headwater.events e
        where e.class = p_class and e.created_at >= p_begin and e.created_at < p_end and e.created_at >= s.cursor_at
          and e.type_id = any (v_types) and e.id > s.cursor_id and e.expires_at > s.created_at)
    where stream_id = p_stream_id;
    insert into headwater.counted_expiry values (p_stream_id, p_class, p_end)
    on conflict (stream_id, class) do update set through = excluded.through;
end $$;
