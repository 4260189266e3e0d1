#include "rest/routes.hpp"

#include <array>

#include "rest/handlers/handlers.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kSse = "text/event-stream";
constexpr std::string_view kTypes = "/api/events/register";
constexpr std::string_view kType = "/api/events/register/{type}";
constexpr std::string_view kStream = "/api/streams/{stream}";
constexpr std::string_view kReplays = "/api/streams/{stream}/replays";
constexpr std::string_view kReplay = "/api/streams/{stream}/replays/{replay}";
constexpr std::string_view kMonitors = "/api/monitors";
constexpr std::string_view kMonitor = "/api/monitors/{monitor}";
constexpr std::string_view kNotify = "/notify/{monitor}";
constexpr std::string_view kDevNotify = "/dev/notify/{monitor}";
constexpr std::string_view kFail = "/notify/{monitor}/fail";
constexpr std::string_view kPing = "/ping/{secret}";
constexpr std::string_view kSubscription = "/subscriptions/{namespace}/{room}";
constexpr std::string_view kNamespace = "/api/namespaces/{namespace}";

constexpr FixedTexts kPublishTexts{"Use POST to publish an event", "Try again later"};
constexpr FixedTexts kFeedTexts{"Use GET to receive event stream", "Try again later"};
constexpr FixedTexts kSubscriptionTexts{"Use GET to subscribe and DELETE to unsubscribe", "Try again later"};
constexpr FixedTexts kRevocationTexts{"Use DELETE to revoke access", "Try again later"};

constexpr std::array kRoutes{
    Route{Method::post, "/api/events/send", "events.send", Scope::send, BodyRule::events, kJson, send_events},
    Route{Method::get, "/api/events", "events.entry", kLive, BodyRule::none, "", get_entry},
    Route{Method::get, "/api/events/stream", "events.stream", Scope::read, BodyRule::none, kSse,
          get_event_stream},

    Route{Method::put, kTypes, "types", Scope::register_, BodyRule::small, kJson, put_event_type},
    Route{Method::get, kTypes, "types", Scope::register_, BodyRule::none, kJson, list_event_types},
    Route{Method::get, kType, "type", Scope::register_, BodyRule::none, kJson, get_event_type},
    Route{Method::del, kType, "type", Scope::register_, BodyRule::none, kJson, delete_event_type},
    Route{Method::post, "/api/events/register/{type}/streams", "type.streams", Scope::register_,
          BodyRule::small, kJson, add_type_stream},
    Route{Method::del, "/api/events/register/{type}/streams/{stream}", "type.stream", Scope::register_,
          BodyRule::none, kJson, delete_stream},

    Route{Method::get, "/api/events/feed/{slice}/{at}", "feed.slice", Scope::read, BodyRule::none, "",
          get_slice_feed},
    Route{Method::get, "/api/events/feed/{slice}/{at}/client/{client}", "feed.slice", Scope::read,
          BodyRule::none, "", get_slice_feed},
    Route{Method::get, "/api/events/feed/{from}/to/{to}", "feed.range", Scope::read, BodyRule::none, "",
          get_range_feed},
    Route{Method::get, "/api/events/feed/{from}/to/{to}/client/{client}", "feed.range", Scope::read,
          BodyRule::none, "", get_range_feed},
    Route{Method::get, "/api/events/{id}", "event", Scope::read, BodyRule::none, kJson, get_event},
    Route{Method::put, "/api/events/{id}/ok/{client}", "ack", Scope::ack, BodyRule::none, kJson,
          acknowledge_event},
    Route{Method::put, "/api/events/ok/{client}", "acks", Scope::ack, BodyRule::small, kJson,
          acknowledge_events},
    Route{Method::del, "/api/clients/{client}", "client", Scope::ack, BodyRule::none, kJson, forget_client},

    Route{Method::get, "/api/streams", "streams", Scope::register_, BodyRule::none, kJson, list_streams},
    Route{Method::get, kStream, "stream", Scope::register_, BodyRule::none, kJson, get_stream},
    Route{Method::put, kStream, "stream", Scope::register_, BodyRule::small, kJson, put_stream},
    Route{Method::del, kStream, "stream", Scope::register_, BodyRule::none, kJson, delete_stream},
    Route{Method::post, "/api/streams/{stream}/pause", "stream.pause", Scope::register_, BodyRule::none,
          kJson, pause_stream},
    Route{Method::post, "/api/streams/{stream}/resume", "stream.resume", Scope::register_, BodyRule::none,
          kJson, resume_stream},
    Route{Method::post, "/api/streams/{stream}/test", "stream.test", Scope::register_, BodyRule::none, kJson,
          test_stream},
    Route{Method::post, "/api/streams/{stream}/skip", "stream.skip", Scope::register_, BodyRule::none, kJson,
          skip_event},
    Route{Method::post, "/api/streams/{stream}/rotate-secret", "stream.secret", Scope::register_,
          BodyRule::none, kJson, rotate_secret},
    Route{Method::get, "/api/streams/{stream}/attempts", "stream.attempts", Scope::register_, BodyRule::none,
          kJson, list_attempts},
    Route{Method::post, kReplays, "replays", Scope::register_, BodyRule::small, kJson, start_replay},
    Route{Method::get, kReplays, "replays", Scope::register_, BodyRule::none, kJson, list_replays},
    Route{Method::get, kReplay, "replay", Scope::register_, BodyRule::none, kJson, get_replay},
    Route{Method::del, kReplay, "replay", Scope::register_, BodyRule::none, kJson, cancel_replay},
    Route{Method::get, "/api/streams/{stream}/dead", "dead", Scope::register_, BodyRule::none, kJson,
          list_dead_events},
    Route{Method::post, "/api/streams/{stream}/dead/retry", "dead.retry", Scope::register_, BodyRule::none,
          kJson, retry_dead_events},
    Route{Method::del, "/api/streams/{stream}/dead/{event}", "dead.event", Scope::register_, BodyRule::none,
          kJson, remove_dead_event},
    Route{Method::post, "/api/streams/{stream}/dead/{event}/retry", "dead.event.retry", Scope::register_,
          BodyRule::none, kJson, retry_dead_event},

    Route{Method::post, kMonitors, "monitors", Scope::monitors, BodyRule::small, kJson, create_monitor},
    Route{Method::get, kMonitors, "monitors", Scope::monitors, BodyRule::none, kJson, list_monitors},
    Route{Method::get, kMonitor, "monitor", Scope::monitors, BodyRule::none, kJson, get_monitor},
    Route{Method::put, kMonitor, "monitor", Scope::monitors, BodyRule::small, kJson, put_monitor},
    Route{Method::patch, kMonitor, "monitor", Scope::monitors, BodyRule::small, kJson, patch_monitor},
    Route{Method::del, kMonitor, "monitor", Scope::monitors, BodyRule::none, kJson, delete_monitor},
    Route{Method::post, "/api/monitors/{monitor}/pause", "monitor.pause", Scope::monitors, BodyRule::none,
          kJson, pause_monitor},
    Route{Method::post, "/api/monitors/{monitor}/resume", "monitor.resume", Scope::monitors, BodyRule::none,
          kJson, resume_monitor},
    Route{Method::post, "/api/monitors/{monitor}/rotate-key", "monitor.key", Scope::monitors, BodyRule::none,
          kJson, rotate_monitor_key},
    Route{Method::get, "/api/monitors/{monitor}/flips", "monitor.flips", Scope::monitors, BodyRule::none,
          kJson, list_monitor_flips},
    // A monitor's own key opens these; GET and HEAD check in as well.
    Route{Method::get, kNotify, "notify", kOwnKeys, BodyRule::none, "", check_in},
    Route{Method::post, kNotify, "notify", kOwnKeys, BodyRule::none, "", check_in},
    Route{Method::get, kDevNotify, "notify", kOwnKeys, BodyRule::none, "", check_in},
    Route{Method::post, kDevNotify, "notify", kOwnKeys, BodyRule::none, "", check_in},
    Route{Method::get, kFail, "notify.fail", kOwnKeys, BodyRule::none, "", report_failure},
    Route{Method::post, kFail, "notify.fail", kOwnKeys, BodyRule::none, "", report_failure},
    Route{Method::get, kPing, "ping", kOwnKeys, BodyRule::none, "", check_in_by_secret},
    Route{Method::post, kPing, "ping", kOwnKeys, BodyRule::none, "", check_in_by_secret},

    Route{Method::get, "/api/stats", "stats", Scope::admin, BodyRule::none, kJson, get_stats},
    // Takes a key, gives a token that a browser may keep.
    Route{Method::post, "/sessions", "sessions", kOwnKeys, BodyRule::small, kJson, create_session},
    Route{Method::post, "/publish/{namespace}/{room}", "room.publish", Scope::rooms, BodyRule::events, kJson,
          publish_to_room, &kPublishTexts},
    // Whoever has a key, a token or, in the open, a name: the handlers see to it.
    Route{Method::get, "/feed", "room.feed", kOwnKeys, BodyRule::none, kSse, get_room_feed, &kFeedTexts},
    Route{Method::get, kSubscription, "room.subscription", kOwnKeys, BodyRule::none, "", subscribe_to_room,
          &kSubscriptionTexts},
    Route{Method::del, kSubscription, "room.subscription", kOwnKeys, BodyRule::none, "",
          unsubscribe_from_room, &kSubscriptionTexts},
    Route{Method::del, "/acl/{namespace}/{room}/{user}", "room.revocation", Scope::rooms, BodyRule::none, "",
          revoke_room_access, &kRevocationTexts},
    Route{Method::get, "/api/namespaces", "namespaces", Scope::rooms, BodyRule::none, kJson, list_namespaces},
    Route{Method::put, kNamespace, "namespace", Scope::rooms, BodyRule::small, kJson, put_namespace},
    Route{Method::get, kNamespace, "namespace", Scope::rooms, BodyRule::none, kJson, get_namespace},
    Route{Method::del, kNamespace, "namespace", Scope::rooms, BodyRule::none, kJson, delete_namespace},
    Route{Method::get, "/events", "inbox", kOwnKeys, BodyRule::none, kSse, get_inbox},

    Route{Method::get, "/", "home", kEverybody, BodyRule::none, "", get_home},
    Route{Method::get, "/assets/{file}", "assets", kEverybody, BodyRule::none, "", get_asset},
    Route{Method::get, "/healthz", "health", kEverybody, BodyRule::none, kJson, get_health},
    Route{Method::get, "/readyz", "readiness", kEverybody, BodyRule::none, kJson, get_readiness},
    Route{Method::get, "/openapi.yaml", "openapi", kEverybody, BodyRule::none, "", get_openapi},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace headwater::rest
