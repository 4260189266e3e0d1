#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/access.hpp"
#include "core/connection_limits.hpp"
#include "rest/headers.hpp"
#include "rest/router.hpp"
#include "rest/server_options.hpp"
#include "rest/services.hpp"
#include "rest/uri.hpp"

namespace headwater {
class ByteBudget;
}

namespace headwater::rest {

class FeedCache;
class Gate;
class LogClock;
class Mailbox;
class RegistryRefresher;

/// What all requests share. Lives as long as the server.
struct Surroundings {
    const ServerOptions& options;
    const Services& services;
    LogClock& log_clock;
    RegistryRefresher& registry_refresher;
    FeedCache& feed_cache;
    ByteBudget& held_bytes;  ///< unfinished bodies and unread answers of all connections
    Gate& gate;
};

/// One request as a handler sees it. Belongs to its connection and lives until the handler has answered; io
/// thread only, except that offloaded work may read it while the handler waits.
class RequestContext {
  public:
    RequestContext(const Surroundings& surroundings, Mailbox& mailbox, const Headers& headers,
                   std::string& body)
        : surroundings_(surroundings), mailbox_(mailbox), headers_(headers), body_(body) {}

    Method method = Method::other;
    PathParameters path_parameters;
    Query query;
    std::string request_id;
    std::string base_url;                         ///< scheme and authority, without a slash at the end
    std::optional<RemoteAddress> client_address;  ///< behind trusted proxies, what they say

    [[nodiscard]] const Services& services() const { return surroundings_.services; }
    [[nodiscard]] const ServerOptions& options() const { return surroundings_.options; }
    [[nodiscard]] LogClock& log_clock() const { return surroundings_.log_clock; }
    [[nodiscard]] RegistryRefresher& registry_refresher() const { return surroundings_.registry_refresher; }
    [[nodiscard]] FeedCache& feed_cache() const { return surroundings_.feed_cache; }
    [[nodiscard]] Gate& gate() const { return surroundings_.gate; }
    [[nodiscard]] Mailbox& mailbox() const { return mailbox_; }
    [[nodiscard]] const Headers& headers() const { return headers_; }
    [[nodiscard]] std::string& body() const { return body_; }

    /// A {name} of the route's pattern; it must be there.
    [[nodiscard]] const std::string& path(std::string_view name) const;
    /// The same for one that not all of the handler's routes have; null when this one does not.
    [[nodiscard]] const std::string* find_path(std::string_view name) const;
    /// Who asks, and what they may do. On a route that decides for itself it may be nobody.
    [[nodiscard]] const Caller& caller() const { return caller_; }
    void set_caller(Caller caller) { caller_ = std::move(caller); }
    /// The secret that came with the request, whatever it opens: `Authorization: Bearer`, `X-Auth-Token`,
    /// `x-api-key` or `?access_token=`, in this order; "" for none. Goes into no log and no answer.
    [[nodiscard]] std::string_view credential() const;
    [[nodiscard]] bool is_head() const { return method == Method::head; }

  private:
    const Surroundings& surroundings_;
    Mailbox& mailbox_;
    const Headers& headers_;
    std::string& body_;
    Caller caller_;
};

}  // namespace headwater::rest
