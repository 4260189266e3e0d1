-- Fair shares of the streams, and deaths that an operator has taken off the list.

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
