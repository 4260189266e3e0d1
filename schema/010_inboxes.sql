-- Inboxes: the types of the events that open them, feed them and close them. Once: afterwards they are the operators' own.
-- An inbox has no table: it is what the log holds under its id as the subject (see docs/decisions/025).
insert into headwater.event_types (name, retention, ttl, class, is_ephemeral)
select t.name, '1year', interval '1 year', 11, false
from unnest(array['service.create', 'service.create.done', 'service.create.error', 'service.delete', 'service.delete.done',
                  'service.delete.error', 'monitor.user']) as t(name)
on conflict (name) do nothing;
update headwater.registry_generation set generation = generation + 1;
