-- What feeds look up besides the events themselves.

-- From a time to the ids that were handed out around it.
create index log_times_by_time on headwater.log_times (at, first_id);
