#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "core/access.hpp"
#include "core/errors.hpp"
#include "rest/asio.hpp"
#include "rest/response.hpp"
#include "rest/router.hpp"

namespace headwater::rest {

class RequestContext;

/// Who may use a route. Every row of the table says it; `unstated` is a mistake that a test finds.
struct Admission {
    enum class Kind {
        unstated,
        scope,      ///< whoever may `wanted`
        live,       ///< the same, but a WebSocket may show its key in its first message
        everybody,  ///< it tells nobody anything that must not be known
        own,        ///< the handler decides, by RequestContext::caller() and credential()
    };
    Kind kind = Kind::unstated;
    Scope wanted = Scope::admin;

    constexpr Admission() = default;
    constexpr Admission(Scope scope) : kind(Kind::scope), wanted(scope) {}
    constexpr Admission(Kind how, Scope scope) : kind(how), wanted(scope) {}
};
inline constexpr Admission kLive{Admission::Kind::live, Scope::read};
inline constexpr Admission kEverybody{Admission::Kind::everybody, Scope::admin};
inline constexpr Admission kOwnKeys{Admission::Kind::own, Scope::admin};

/// One endpoint. A Refusal becomes a problem (rest/problem.hpp); the core exceptions may be thrown.
using HandlerResult = std::expected<Response, Refusal>;
using Handler = Awaitable<HandlerResult> (*)(RequestContext&);

/// How a route treats bodies.
enum class BodyRule {
    none,    ///< what comes is read and forgotten, up to 64 KiB
    small,   ///< up to 1 MiB
    events,  ///< up to EventLimits::max_body_bytes
};

/// Sentences that an address is known for, in the stead of the usual ones; "" where it has none.
struct FixedTexts {
    std::string_view wrong_method;  ///< 405
    std::string_view failed;        ///< 500 and 503
};

struct Route {
    Method method;
    std::string_view pattern;
    std::string_view name;  ///< for metrics; shared by the routes of one address
    Admission admission;
    BodyRule body;
    std::string_view
        produces;  ///< the media type of a good answer, for Accept; "" when the handler looks itself
    Handler handler;
    const FixedTexts* texts = nullptr;
};

/// Every endpoint of the public port, in the order of the contract.
[[nodiscard]] std::span<const Route> routes();

}  // namespace headwater::rest
