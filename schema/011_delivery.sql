-- Fair shares of the streams, deaths that an operator has taken off the list, and idle cursors that cost little.

-- The died_at that an operator has removed: the event stays dead, but is not listed, counted or revived any more. An event that
-- dies once more, after a replay, has another died_at and is listed again.
alter table headwater.failing_events add column removed_death timestamptz;
drop index headwater.failing_events_dead;
create index failing_events_dead on headwater.failing_events (stream_id, event_id)
    where state = 'dead' and died_at is distinct from removed_death;

-- As before, but for shares that differ by one stream at most: the streams that are left over when they are divided evenly go to
-- as many processes, one each, first come, first served. Whoever holds one more than the others keeps it, so that nothing moves
-- once all is shared out.
create or replace function headwater.renew_lease(
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

    with held as (
        select l.process, count(s.stream_id) as streams
        from headwater.leases l left join headwater.streams s on s.owner = l.process
        where l.expires_at > v_now group by l.process
    ), even as (
        select (select count(*) from headwater.streams) / count(*) as streams,
               (select count(*) from headwater.streams) % count(*) as left_over from held
    )
    -- Of those that hold more than the even share, the ones with most come first, then the order of their numbers.
    select own.streams, even.streams + case when even.left_over > (
               select count(*) from held other
               where other.process <> p_process and other.streams > even.streams
                 and (other.streams, -other.process::numeric) > (own.streams, -own.process::numeric)) then 1 else 0 end
    into v_held, v_share
    from even, held own where own.process = p_process;
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

-- Idle cursors move some 200 at a time: whether any type has a ttl short enough must not be looked for among all types each time.
create index event_types_by_ttl on headwater.event_types (ttl) where ttl is not null;

-- As before, but a stream of one type asks about that type alone.
create or replace function headwater.note_expired() returns trigger language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    v_young interval := statement_timestamp() - greatest(old.cursor_at, 'epoch');
    v_types bigint[];
    v_until timestamptz;
begin
    -- Nothing that was stored behind the cursor can have expired yet: the common case, idle streams among it.
    if not exists (select from headwater.event_types t where t.ttl < v_young) then return new; end if;
    if old.owner_type_id is not null and not exists (
        select from headwater.event_types t where t.type_id = old.owner_type_id and t.ttl < v_young) then return new; end if;
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
