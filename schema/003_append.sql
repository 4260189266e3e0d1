-- Appending to the log, and reading its head.

-- The head and the clock. Every event at or below the head is committed or will never be.
create function headwater.read_head(out head bigint, out clock timestamptz) language plpgsql as $$
begin
    perform headwater.lock_log();
    head := (select last_value from headwater.log_head);
    clock := headwater.from_micros((select last_value from headwater.log_clock));
end $$;

-- The same, and first brings the clock of an idle log up to now. Never moves it back.
create function headwater.advance_clock(out head bigint, out clock timestamptz) language plpgsql as $$
declare
    v_now bigint;
begin
    perform headwater.lock_log();
    v_now := headwater.to_micros(clock_timestamp());
    if v_now > (select last_value from headwater.log_clock) then
        perform setval('headwater.log_clock', v_now);
    end if;
    head := (select last_value from headwater.log_head);
    clock := headwater.from_micros((select last_value from headwater.log_clock));
end $$;

-- Run on every new append connection. On another PostgreSQL than last time (a failover, a restored copy) ids that were
-- handed out may have been lost with the old one: the head jumps to the next multiple of 2^32, so that none comes twice.
-- The head and the clock never stand below the newest stored event.
create function headwater.begin_appends() returns bigint language plpgsql as $$
declare
    v_system   bigint := (select system_identifier from pg_control_system());
    v_timeline bigint := ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint;
    v_head     bigint;
    v_clock    bigint;
    v_newest   record;
    v_known    record;
begin
    perform headwater.lock_log();
    v_head := (select last_value from headwater.log_head);
    v_clock := (select last_value from headwater.log_clock);
    select e.id, e.created_at into v_newest from headwater.events e order by e.created_at desc, e.id desc limit 1;
    v_head := greatest(v_head, v_newest.id, (select max(first_id) - 1 from headwater.log_times));
    v_clock := greatest(v_clock, headwater.to_micros(v_newest.created_at));

    select system_identifier, timeline into v_known from headwater.log_identity;
    if v_known.system_identifier is null then
        insert into headwater.log_identity values (v_system, v_timeline);
    elsif (v_known.system_identifier, v_known.timeline) <> (v_system, v_timeline) then
        update headwater.log_identity set system_identifier = v_system, timeline = v_timeline;
        v_head := ((v_head >> 32) + 1) << 32;
    end if;
    if v_head <> (select last_value from headwater.log_head) then
        perform setval('headwater.log_head', v_head);
    end if;
    if v_clock <> (select last_value from headwater.log_clock) then
        perform setval('headwater.log_clock', v_clock);
    end if;
    return v_head;
end $$;

-- The events of requests whose key was used before, with the first answer, or in conflict when another request used it.
-- Planned for each call (a function with a SET clause is not inlined): a plan made while few keys were there would stay.
create function headwater.append_repeats(
    p_clock timestamptz, p_firsts bigint[], p_counts bigint[], p_keys uuid[], p_fingerprints uuid[])
returns table (ordinal bigint, outcome text, id bigint, at bigint, answer text) language sql stable
set plan_cache_mode = force_custom_plan as $$
    select r.first + item - 1,
           case when i.fingerprint <> r.fingerprint then 'conflict'
                when i.outcomes is null then 'duplicate'
                else i.outcomes[item] end,
           case when i.fingerprint <> r.fingerprint then null
                when i.outcomes is null then i.event_id + item - 1
                else i.ids[item] end,
           case when i.fingerprint <> r.fingerprint then null
                when i.outcomes is null then headwater.to_micros(i.created_at)
                else i.times[item] end,
           case when i.fingerprint = r.fingerprint then i.answers[item] end
    from unnest(p_firsts, p_counts, p_keys, p_fingerprints) as r(first, count, key, fingerprint)
    join headwater.idempotency i
         on i.key = r.key and i.created_at > p_clock - interval '24 hours' and i.created_at <= p_clock
    cross join generate_series(1, r.count) as item
$$;

-- The further events of a batch that are not to be stored: because their type is gone, because a key was used before, or
-- because an event earlier in this batch, the owner, has the same key. An event without a type only holds its place.
create function headwater.append_exceptions(
    p_clock timestamptz, p_type_ids bigint[], p_key_ordinals bigint[], p_keys uuid[], p_fingerprints uuid[],
    p_repeats bigint[])
returns table (ordinal bigint, outcome text, id bigint, at bigint, owner bigint) language sql stable
set plan_cache_mode = force_custom_plan as $$
    with sent as (
        select e.ordinal, e.type_id, t.type_id is not null as is_registered, k.key, k.fingerprint,
               first_value(e.ordinal) over same_key as owner, first_value(k.fingerprint) over same_key as owners
        from unnest(p_type_ids) with ordinality as e(type_id, ordinal)
        left join headwater.event_types t on t.type_id = e.type_id and t.removed_at is null
        left join unnest(p_key_ordinals, p_keys, p_fingerprints) as k(ordinal, key, fingerprint)
                  on k.ordinal = e.ordinal
        where e.ordinal not in (select unnest(p_repeats))
        window same_key as (partition by k.key, t.type_id is null order by e.ordinal)
    )
    select s.ordinal,
           case when s.type_id is null then 'refused'
                when i.fingerprint = s.fingerprint then 'duplicate'
                when i.fingerprint <> s.fingerprint then 'conflict'
                when not s.is_registered then 'unregistered'
                when s.owners = s.fingerprint then 'duplicate'
                else 'conflict' end,
           case when i.fingerprint = s.fingerprint then i.event_id end,
           case when i.fingerprint = s.fingerprint then headwater.to_micros(i.created_at) end,
           case when i.key is null and s.is_registered and s.owners = s.fingerprint then s.owner end
    from sent s
    left join headwater.idempotency i
         on i.key = s.key and i.created_at > p_clock - interval '24 hours' and i.created_at <= p_clock
    where not s.is_registered or i.key is not null or (s.key is not null and s.owner <> s.ordinal)
$$;

-- Appends one batch: one statement, one transaction, one round trip. The event arrays run parallel; p_types holds each of
-- their types once; p_key_ordinals (1-based) says which event each key belongs to, each request key the p_request_counts
-- events from p_request_firsts on. Stored events get previous_head + 1, + 2, … in order; the arrays of the answer tell of
-- those that were not stored. A request whose key was used before stores nothing at all.
create function headwater.append(
    p_process bigint, p_number bigint, p_types bigint[],
    p_type_ids bigint[], p_subjects text[], p_metas text[], p_payloads text[], p_base64 boolean[],
    p_key_ordinals bigint[], p_keys uuid[], p_fingerprints uuid[],
    p_request_firsts bigint[], p_request_counts bigint[], p_request_keys uuid[], p_request_fingerprints uuid[],
    out o_previous_head bigint, out o_clock timestamptz, out o_now timestamptz,
    out o_ordinals bigint[], out o_outcomes text[], out o_ids bigint[], out o_times bigint[], out o_answers text[])
language plpgsql as $$
declare
    v_head       bigint;
    v_count      bigint := cardinality(p_type_ids);
    v_repeats    bigint[]; -- the events of requests that came before
    v_owners     bigint[]; -- parallel to o_ordinals
    v_new_ids    bigint[]; -- null: every event is stored; else null where one is not
    v_registered bigint;
    v_ephemeral  bigint;
    v_marked_id  bigint;
    v_marked_at  timestamptz;
begin
    -- First: the statements below see everything that was committed under it. The same lock as lock_log(), and the
    -- arithmetic of from_micros() and to_micros(): written out, because each call of a SQL function that cannot be
    -- inlined is parsed and planned anew, and this runs for every batch.
    perform pg_advisory_xact_lock(7450489201);

    o_now := clock_timestamp();
    select b.previous_head, b.clock, b.ordinals, b.outcomes, b.ids, b.times, b.answers
    into o_previous_head, o_clock, o_ordinals, o_outcomes, o_ids, o_times, o_answers
    from headwater.append_batches b where b.process = p_process and b.number = p_number;
    if found then return; end if;

    select h.last_value, greatest(o_now, timestamptz 'epoch' + c.last_value * interval '1 microsecond'),
           (select t.first_id from headwater.log_times t order by t.first_id desc limit 1),
           (select t.at from headwater.log_times t order by t.first_id desc limit 1),
           (select count(*) from headwater.event_types t where t.type_id = any (p_types) and t.removed_at is null),
           (select count(*) from headwater.event_types t
            where t.type_id = any (p_types) and t.removed_at is null and t.is_ephemeral)
    into v_head, o_clock, v_marked_id, v_marked_at, v_registered, v_ephemeral
    from headwater.log_head h, headwater.log_clock c;
    o_previous_head := v_head;

    if cardinality(p_request_keys) > 0 then
        select array_agg(x.ordinal), array_agg(x.outcome), array_agg(x.id), array_agg(x.at), array_agg(x.answer)
        into v_repeats, o_outcomes, o_ids, o_times, o_answers
        from headwater.append_repeats(o_clock, p_request_firsts, p_request_counts, p_request_keys,
                                      p_request_fingerprints) x;
    end if;
    if v_registered < cardinality(p_types) or cardinality(p_keys) > 0 or cardinality(p_request_keys) > 0 then
        select array_agg(x.ordinal order by x.ordinal), array_agg(x.outcome order by x.ordinal),
               array_agg(x.id order by x.ordinal), array_agg(x.at order by x.ordinal),
               case when v_repeats is not null then array_agg(x.answer order by x.ordinal) end,
               array_agg(x.owner order by x.ordinal)
        into o_ordinals, o_outcomes, o_ids, o_times, o_answers, v_owners
        from (select r.ordinal, r.outcome, r.id, r.at, r.answer, null::bigint
              from unnest(v_repeats, o_outcomes, o_ids, o_times, o_answers) as r(ordinal, outcome, id, at, answer)
              union all
              select e.ordinal, e.outcome, e.id, e.at, null, e.owner
              from headwater.append_exceptions(o_clock, p_type_ids, p_key_ordinals, p_keys, p_fingerprints, v_repeats) e
             ) as x(ordinal, outcome, id, at, answer, owner);
    end if;
    if o_ordinals is not null then
        select array_agg(n.id order by n.ordinal) into v_new_ids
        from (select e.ordinal,
                     case when x.ordinal is null then v_head + e.ordinal - count(x.ordinal) over (order by e.ordinal) end
              from generate_series(1, v_count) as e(ordinal)
              left join unnest(o_ordinals) as x(ordinal) using (ordinal)) as n(ordinal, id);
        select array_agg(coalesce(x.id, n.id) order by x.ordinal),
               array_agg(case when n.id is null then x.at else headwater.to_micros(o_clock) end order by x.ordinal)
        into o_ids, o_times
        from unnest(o_ordinals, o_ids, o_times, v_owners) as x(ordinal, id, at, owner)
        left join unnest(v_new_ids) with ordinality as n(id, ordinal) on n.ordinal = x.owner;
        v_count := v_count - cardinality(o_ordinals);
    end if;

    insert into headwater.append_batches
    values (p_process, p_number, v_head, o_clock, o_ordinals, o_outcomes, o_ids, o_times, o_answers);

    -- A request of which nothing was taken leaves no key: its sender may mend what was wrong and try again.
    if cardinality(p_request_keys) > 0 then
        insert into headwater.idempotency (key, fingerprint, event_id, created_at, outcomes, ids, times, answers)
        select i.key, i.fingerprint, min(i.id), o_clock,
               case when bool_or(i.outcome is not null) then array_agg(coalesce(i.outcome, 'duplicate') order by i.item) end,
               case when bool_or(i.outcome is not null) then array_agg(i.id order by i.item) end,
               case when bool_or(i.outcome is not null) then array_agg(i.at order by i.item) end,
               case when bool_or(i.outcome = 'refused')
                    then array_agg(case when i.outcome = 'refused' then p_payloads[i.item] end order by i.item) end
        from (select r.key, r.fingerprint, item, x.outcome,
                     case when x.ordinal is null then coalesce(n.id, v_head + item) else x.id end,
                     case when x.ordinal is null then headwater.to_micros(o_clock) else x.at end
              from unnest(p_request_firsts, p_request_counts, p_request_keys, p_request_fingerprints)
                   as r(first, count, key, fingerprint)
              cross join generate_series(r.first, r.first + r.count - 1) as item
              left join unnest(o_ordinals, o_outcomes, o_ids, o_times) as x(ordinal, outcome, id, at) on x.ordinal = item
              left join unnest(v_new_ids) with ordinality as n(id, ordinal) on n.ordinal = item
              where r.first not in (select unnest(v_repeats))) as i(key, fingerprint, item, outcome, id, at)
        group by i.key, i.fingerprint
        having bool_or(coalesce(i.outcome, 'duplicate') = 'duplicate');
        if found and v_count = 0 then
            perform setval('headwater.log_clock', headwater.to_micros(o_clock));
        end if;
    end if;
    if v_count = 0 then return; end if;

    insert into headwater.events
        (id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload)
    select coalesce(e.id, v_head + e.ordinal), o_clock, coalesce(o_clock + t.ttl, 'infinity'), t.type_id, t.class,
           e.base64, e.subject, e.meta, e.payload
    from unnest(p_type_ids, p_subjects, p_metas, p_payloads, p_base64, v_new_ids)
         with ordinality as e(type_id, subject, meta, payload, base64, id, ordinal)
    join headwater.event_types t on t.type_id = e.type_id
    where not t.is_ephemeral and (v_new_ids is null or e.id is not null);

    if v_ephemeral > 0 then
        insert into headwater.ephemeral_events
            (id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload)
        select coalesce(e.id, v_head + e.ordinal), o_clock, o_clock + interval '60 seconds', t.type_id, t.class,
               e.base64, e.subject, e.meta, e.payload
        from unnest(p_type_ids, p_subjects, p_metas, p_payloads, p_base64, v_new_ids)
             with ordinality as e(type_id, subject, meta, payload, base64, id, ordinal)
        join headwater.event_types t on t.type_id = e.type_id
        where t.is_ephemeral and (v_new_ids is null or e.id is not null);
    end if;

    if cardinality(p_keys) > 0 then
        insert into headwater.idempotency (key, fingerprint, event_id, created_at)
        select k.key, k.fingerprint, coalesce(n.id, v_head + k.ordinal), o_clock
        from unnest(p_key_ordinals, p_keys, p_fingerprints) as k(ordinal, key, fingerprint)
        left join unnest(v_new_ids) with ordinality as n(id, ordinal) using (ordinal)
        where v_new_ids is null or n.id is not null;
    end if;

    if v_marked_id is null or v_head + v_count - v_marked_id >= 256 or o_clock >= v_marked_at + interval '1 hour' then
        insert into headwater.log_times values (v_head + 1, o_clock);
    end if;

    perform setval('headwater.log_head', v_head + v_count),
            setval('headwater.log_clock', (extract(epoch from o_clock) * 1000000)::bigint),
            pg_notify('headwater_log', p_process::text);
end $$;
