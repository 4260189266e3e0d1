#pragma once

#include <optional>
#include <string_view>

#include "core/access.hpp"
#include "core/failed_attempts.hpp"
#include "core/key_ring.hpp"
#include "rest/request_context.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// The one place where keys are checked: who asks, whether the route is open to them, whether they come too
/// often, and whether they have guessed too often. Thread-safe; on the way of a good key it takes no lock.
class Gate {
  public:
    /// Without a ring everybody may do everything.
    Gate(const KeyRing* ring, const Clock& clock) : ring_(ring), clock_(clock) {}

    /// Before the body is read: gives the request its caller, or says what to answer instead (401, 403, 429).
    /// `keys` is the thread's view of the ring, null without one.
    [[nodiscard]] std::optional<Response> admit(const Route& route, RequestContext& request,
                                                const KeyView* keys);
    /// Behind a handler that decided for itself: counts a refusal of what was shown as a failed attempt. Of
    /// too many the answer is 429, whatever it was.
    void settle(const Route& route, const RequestContext& request, Response& response);
    /// For a credential that comes later than its request. Nobody when it opens nothing.
    [[nodiscard]] Caller identify(std::string_view credential, const std::optional<RemoteAddress>& address);
    /// The present keys; null without a ring.
    [[nodiscard]] KeyViewPtr keys() const { return ring_ == nullptr ? nullptr : ring_->view(); }

  private:
    [[nodiscard]] std::optional<Response> admit_holder(const Route& route, RequestContext& request,
                                                       AccessPtr access);
    [[nodiscard]] std::optional<Response> admit_nobody(const Route& route, RequestContext& request);
    [[nodiscard]] std::optional<std::chrono::milliseconds> count_failure(
        const std::optional<RemoteAddress>& address);

    const KeyRing* ring_;
    const Clock& clock_;
    FailedAttempts attempts_;
};

/// 401 with WWW-Authenticate (RFC 6750 section 3): no key was shown, or one that opens nothing.
[[nodiscard]] Response unauthenticated_response(const RequestContext& request);
/// 429: the holder of the key has to wait.
[[nodiscard]] Response too_many_response(const RequestContext& request, std::string_view why,
                                         std::chrono::nanoseconds wait);

}  // namespace headwater::rest
