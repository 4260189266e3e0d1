-- What streams lose: counted by the runner that passes it, and before a partition goes.

-- The runner tells what its cursor passes; nothing is counted by the cursor's moving any more.
drop trigger streams_note_expired on headwater.streams;
drop function headwater.note_expired();
create index streams_with_losses on headwater.streams (stream_id) where expired > 0;

-- Counts what streams have lost, in the transaction that then saves their cursors, and before it does: a run counts when the
-- stored cursor has not passed it, so that a save may be repeated. A run lies within one partition; what was counted when that
-- went does not count again. Rows of failing events that have expired go and count. p_streams: all that the save is about to
-- touch, locked here in their order. The same are refused as by save_deliveries().
create function headwater.save_expired(
    p_number bigint, p_streams bigint[], p_epochs bigint[],
    p_run_streams bigint[], p_run_classes bigint[], p_partitions timestamptz[], p_lasts bigint[], p_counts bigint[],
    p_row_streams bigint[], p_row_events bigint[])
returns void language plpgsql set enable_hashjoin = off set enable_seqscan = off as $$
declare
    v_granted bigint[];
begin
    perform from headwater.streams s where s.stream_id = any (p_streams) order by s.stream_id for no key update;
    v_granted := array(select s.stream_id from unnest(p_streams, p_epochs) as g(stream_id, epoch)
                       join headwater.streams s using (stream_id)
                       where s.epoch = g.epoch and s.owner is not null and s.save_number < p_number);
    with gone as (
        delete from headwater.failing_events f
        using unnest(p_row_streams, p_row_events) as g(stream_id, event_id)
        where f.stream_id = g.stream_id and f.event_id = g.event_id and g.stream_id = any (v_granted) and f.state <> 'dead'
        returning f.stream_id
    ), lost as (
        select x.stream_id, sum(x.count)::bigint as count from (
            select stream_id, 1 from gone
            union all
            select r.stream_id, r.count
            from unnest(p_run_streams, p_run_classes, p_partitions, p_lasts, p_counts)
                 as r(stream_id, class, partition_begin, last, count)
            join headwater.streams s on s.stream_id = r.stream_id
            where r.stream_id = any (v_granted) and r.last > s.cursor_id
                and not exists (select from headwater.counted_expiry c where c.stream_id = r.stream_id
                                and c.class = r.class and c.through > r.partition_begin)
        ) as x(stream_id, count) group by x.stream_id
    )
    update headwater.streams s set expired = s.expired + lost.count from lost where s.stream_id = lost.stream_id;
end $$;

-- Removes rows of failing events that have expired, at most so many; what was not given up before is lost to its stream.
-- Streams that somebody is just saving are left to the next call. Returns how many went.
create function headwater.forget_failing(p_limit bigint) returns bigint language plpgsql as $$
declare
    v_streams bigint[];
    v_gone    bigint;
begin
    v_streams := array(
        select s.stream_id from headwater.streams s
        where s.stream_id in (select f.stream_id from headwater.failing_events f where f.expires_at < clock_timestamp()
                              order by f.expires_at limit p_limit)
        order by s.stream_id for no key update skip locked);
    if v_streams = '{}' then return 0; end if;
    with old as materialized (
        select f.stream_id, f.event_id from headwater.failing_events f
        where f.expires_at < clock_timestamp() and f.stream_id = any (v_streams)
        order by f.expires_at limit p_limit for update skip locked
    ), gone as (
        delete from headwater.failing_events f using old
        where f.stream_id = old.stream_id and f.event_id = old.event_id
        returning f.stream_id, f.state <> 'dead' as is_lost
    ), lost as (
        update headwater.streams s set expired = s.expired + g.count
        from (select stream_id, count(*) from gone where is_lost group by stream_id) g
        where s.stream_id = g.stream_id
    )
    select count(*) into v_gone from gone;
    return v_gone;
end $$;

-- What a sink wants to be told at the next attempt of a failing event: which recipients have their mail already.
alter table headwater.failing_events add column progress text not null default '';

-- Belongs to the rows that the same transaction has just saved.
create function headwater.save_failing_progress(p_streams bigint[], p_events bigint[], p_progress text[])
returns void language sql set enable_hashjoin = off set enable_seqscan = off as $$
    update headwater.failing_events f set progress = g.progress
    from unnest(p_streams, p_events, p_progress) as g(stream_id, event_id, progress)
    where f.stream_id = g.stream_id and f.event_id = g.event_id
$$;
