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
