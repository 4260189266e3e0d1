-- What makes reads of the log cheap: which rungs of the retention ladder hold events, and closer marks in log_times.

-- Bit n: events of class n may be stored. Only grows. A read names them, so that PostgreSQL plans for those alone.
alter table headwater.registry_generation add column classes integer not null default 1;

update headwater.registry_generation set classes = classes
    | coalesce((select bit_or(1 << t.class) from headwater.event_types t), 0)
    -- A type's ttl may have changed since: its older events lie in the partitions of another class.
    | coalesce((select bit_or(1 << substring(pg_get_expr(c.relpartbound, c.oid) from '\d+')::integer)
                from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'headwater.events'::regclass
                  and exists (select from pg_inherits leaf where leaf.inhparent = c.oid)), 0);

create function headwater.note_class() returns trigger language plpgsql as $$
begin
    update headwater.registry_generation set classes = classes | (1 << new.class) where classes & (1 << new.class) = 0;
    return null;
end $$;

-- In the transaction that registers the type, so before any event of that class can be stored.
create trigger event_types_note_class after insert or update of class on headwater.event_types for each row
execute function headwater.note_class();

-- append() notes a time for every 64 ids, no longer for every 256: who looks for an id reads a quarter of the index.
do $$
declare
    v_append text := pg_get_functiondef('headwater.append'::regproc);
begin
    if position('- v_marked_id >= 256 or' in v_append) = 0 then
        raise exception 'append() is not the one of 003_append.sql';
    end if;
    execute replace(v_append, '- v_marked_id >= 256 or', '- v_marked_id >= 64 or');
end $$;

-- What a client's feed has to know before it looks at events, in one call with plans that are made once: the client's
-- watermarks (`types` and `marks` run parallel), the ids that were handed out in the slice (a few others may stand at both
-- ends; those below a row of log_times were handed out at its time or before), and the bitmaps of the p_reach ids with which
-- the feed begins. No row for a client that nobody has heard of.
create function headwater.client_progress(
    p_name text, p_from timestamptz, p_through timestamptz, p_first bigint, p_last bigint, p_reach bigint, p_newest_first boolean)
returns table (client_id bigint, types bigint[], marks bigint[], first_id bigint, last_id bigint, blocks bigint[], bits text[])
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_first bigint;
    v_last  bigint;
begin
    select c.client_id into client_id from headwater.clients c where c.name = p_name;
    if not found then return; end if;
    select array_agg(w.type_id), array_agg(w.through), max(w.through) filter (where w.type_id = 0)
    into types, marks, v_first from headwater.ack_watermarks w where w.client_id = client_progress.client_id;
    first_id := greatest(coalesce((select t.first_id from headwater.log_times t where t.at < p_from
                                   order by t.at desc, t.first_id desc limit 1), 1), v_first + 1, p_first);
    last_id := least(coalesce((select t.first_id - 1 from headwater.log_times t where t.at > p_through
                               order by t.at, t.first_id limit 1),
                              (select h.last_value from headwater.log_head h)), p_last);
    if first_id > last_id then
        return next;
        return;
    end if;
    v_first := case when p_newest_first then greatest(first_id, last_id - p_reach + 1) else first_id end;
    v_last := case when p_newest_first then last_id else least(last_id, first_id + p_reach - 1) end;
    -- bit_send() puts the length, four bytes, before the bits.
    select array_agg(b.block), array_agg(encode(substr(bit_send(b.bits), 5), 'hex')) into blocks, bits
    from headwater.ack_bitmaps b
    where b.client_id = client_progress.client_id and b.block between v_first >> 12 and v_last >> 12;
    return next;
end $$;
