#pragma once

#include "rest/routes.hpp"

/// One function per endpoint, in the file of its noun; rest/routes.cpp says which address each one answers.
namespace headwater::rest {

// entry.cpp
Awaitable<HandlerResult> get_entry(RequestContext& request);
// events_send.cpp
Awaitable<HandlerResult> send_events(RequestContext& request);
// event_types.cpp
Awaitable<HandlerResult> put_event_type(RequestContext& request);
Awaitable<HandlerResult> list_event_types(RequestContext& request);
Awaitable<HandlerResult> get_event_type(RequestContext& request);
Awaitable<HandlerResult> delete_event_type(RequestContext& request);
// streams.cpp
Awaitable<HandlerResult> list_streams(RequestContext& request);
Awaitable<HandlerResult> get_stream(RequestContext& request);
Awaitable<HandlerResult> put_stream(RequestContext& request);
Awaitable<HandlerResult> delete_stream(RequestContext& request);
Awaitable<HandlerResult> pause_stream(RequestContext& request);
Awaitable<HandlerResult> resume_stream(RequestContext& request);
Awaitable<HandlerResult> add_type_stream(RequestContext& request);
// stream_actions.cpp
Awaitable<HandlerResult> test_stream(RequestContext& request);
Awaitable<HandlerResult> skip_event(RequestContext& request);
Awaitable<HandlerResult> rotate_secret(RequestContext& request);
Awaitable<HandlerResult> list_attempts(RequestContext& request);
// dead_events.cpp
Awaitable<HandlerResult> list_dead_events(RequestContext& request);
Awaitable<HandlerResult> retry_dead_event(RequestContext& request);
Awaitable<HandlerResult> retry_dead_events(RequestContext& request);
Awaitable<HandlerResult> remove_dead_event(RequestContext& request);
// replays.cpp
Awaitable<HandlerResult> start_replay(RequestContext& request);
Awaitable<HandlerResult> list_replays(RequestContext& request);
Awaitable<HandlerResult> get_replay(RequestContext& request);
Awaitable<HandlerResult> cancel_replay(RequestContext& request);
// feeds.cpp
Awaitable<HandlerResult> get_slice_feed(RequestContext& request);
Awaitable<HandlerResult> get_range_feed(RequestContext& request);
// events.cpp
Awaitable<HandlerResult> get_event(RequestContext& request);
// acks.cpp
Awaitable<HandlerResult> acknowledge_event(RequestContext& request);
Awaitable<HandlerResult> acknowledge_events(RequestContext& request);
Awaitable<HandlerResult> forget_client(RequestContext& request);
// live.cpp
Awaitable<HandlerResult> get_event_stream(RequestContext& request);
// monitors.cpp
Awaitable<HandlerResult> create_monitor(RequestContext& request);
Awaitable<HandlerResult> list_monitors(RequestContext& request);
Awaitable<HandlerResult> get_monitor(RequestContext& request);
Awaitable<HandlerResult> put_monitor(RequestContext& request);
Awaitable<HandlerResult> patch_monitor(RequestContext& request);
Awaitable<HandlerResult> delete_monitor(RequestContext& request);
// monitor_actions.cpp
Awaitable<HandlerResult> pause_monitor(RequestContext& request);
Awaitable<HandlerResult> resume_monitor(RequestContext& request);
Awaitable<HandlerResult> rotate_monitor_key(RequestContext& request);
Awaitable<HandlerResult> list_monitor_flips(RequestContext& request);
// check_ins.cpp
Awaitable<HandlerResult> check_in(RequestContext& request);
Awaitable<HandlerResult> report_failure(RequestContext& request);
Awaitable<HandlerResult> check_in_by_secret(RequestContext& request);
// sessions.cpp
Awaitable<HandlerResult> create_session(RequestContext& request);
// rooms.cpp
Awaitable<HandlerResult> publish_to_room(RequestContext& request);
Awaitable<HandlerResult> get_room_feed(RequestContext& request);
// room_subscriptions.cpp
Awaitable<HandlerResult> subscribe_to_room(RequestContext& request);
Awaitable<HandlerResult> unsubscribe_from_room(RequestContext& request);
Awaitable<HandlerResult> revoke_room_access(RequestContext& request);
// namespaces.cpp
Awaitable<HandlerResult> put_namespace(RequestContext& request);
Awaitable<HandlerResult> get_namespace(RequestContext& request);
Awaitable<HandlerResult> delete_namespace(RequestContext& request);
Awaitable<HandlerResult> list_namespaces(RequestContext& request);
// inboxes.cpp
Awaitable<HandlerResult> get_inbox(RequestContext& request);
// health.cpp
Awaitable<HandlerResult> get_health(RequestContext& request);
Awaitable<HandlerResult> get_readiness(RequestContext& request);
// stats.cpp
Awaitable<HandlerResult> get_stats(RequestContext& request);
// web.cpp
Awaitable<HandlerResult> get_home(RequestContext& request);
Awaitable<HandlerResult> get_asset(RequestContext& request);
// openapi.cpp
Awaitable<HandlerResult> get_openapi(RequestContext& request);

}  // namespace headwater::rest
