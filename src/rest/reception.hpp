#pragma once

#include <cstddef>
#include <expected>
#include <optional>

#include "rest/request_context.hpp"
#include "rest/request_parser.hpp"
#include "rest/response.hpp"
#include "rest/router.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// What the connection knows about its other end.
struct Peer {
    bool is_trusted_proxy = false;
    std::optional<RemoteAddress> address{};  ///< of a client; unset for a proxy
};

/// What a request's header has decided.
struct Reception {
    const Route* route = nullptr;  ///< null when `answer` is set
    std::size_t max_body = 0;
    bool wants_continue = false;       ///< Expect: 100-continue
    std::optional<Response> answer{};  ///< to be given at once: an error, or OPTIONS
};

/// Reads a complete header: finds the route, fills the context, checks method, Accept and Expect. Never
/// throws for what a client sends.
[[nodiscard]] Reception receive(const Router& router, const RawRequest& raw, const Peer& peer,
                                RequestContext& context);

/// The scheme and authority under which this client sees us.
[[nodiscard]] std::string base_url_of(const ServerOptions& options, const Headers& headers, const Peer& peer);

}  // namespace headwater::rest
