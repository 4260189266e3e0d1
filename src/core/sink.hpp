#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/errors.hpp"
#include "core/event.hpp"
#include "core/stream.hpp"

namespace headwater {

/// How one attempt ended. A failing destination is an outcome, not an error: nothing is thrown for it.
struct DeliveryResult {
    enum class Outcome {
        delivered,    ///< the destination confirmed it (publisher confirm, 2xx)
        failed,       ///< the destination refused this event: an attempt, to be repeated by the schedule
        unavailable,  ///< the destination as a whole is away (no connection, no confirm, broker alarm): no
                      ///< attempt
        rejected,     ///< will never succeed (SMTP 5xx): no use in repeating
        stop,         ///< the destination wants no more (HTTP 410): pause the stream
    };
    Outcome outcome = Outcome::delivered;
    std::string reason;                               ///< one sentence for the operator; "" when delivered
    std::optional<std::chrono::seconds> retry_after;  ///< the destination's own wish (Retry-After)
    int status = 0;        ///< the protocol's own code (HTTP status, AMQP reply code); 0 when there is none
    std::string response;  ///< the first bytes of the destination's answer, at most 20,000
    std::chrono::microseconds duration{};
    /// Of a failed one: what the sink wants to be told at the event's next attempt, on any node; at most some
    /// kilobytes. Stored with the event's row.
    std::string progress{};
};

/// One event to be carried to one destination, once.
struct Delivery {
    EventPtr event;
    int attempt = 1;         ///< 1 for the first
    ReplayId replay{};       ///< the replay that it belongs to: sent along as `Headwater-Replay`; 0: none
    std::string progress{};  ///< of the last attempt that failed; "" when there is none
    /// Called exactly once, from any thread, soon after the outcome is known (also when the sink is closed:
    /// unavailable).
    std::move_only_function<void(DeliveryResult)> settle;
};

/// A destination that is open for one stream. deliver() is called by the dispatcher's thread alone; the
/// destructor may block until every delivery under way is settled, at most a few seconds.
class Sink {
  public:
    virtual ~Sink() = default;
    /// Starts one delivery and returns at once; never throws, never blocks. Deliveries of one sink are
    /// started in the order of the calls; whether they also arrive in order is the protocol's affair (AMQP:
    /// yes, webhook: only one by one).
    virtual void deliver(Delivery delivery) = 0;
    /// How many deliveries may be under way at once; the runner keeps to it.
    [[nodiscard]] virtual std::size_t window() const = 0;
    /// True when deliveries arrive in the order of the calls, however many are under way. If not, a strict
    /// stream has one under way at a time.
    [[nodiscard]] virtual bool keeps_order() const { return false; }
    /// The waits before each further attempt of an event, as the destination was given them; empty = the
    /// default schedule.
    [[nodiscard]] virtual std::vector<std::chrono::seconds> retries() const { return {}; }
};

/// A destination as the client described it, after the sink has read it.
struct ParsedDestination {
    std::string
        json;  ///< canonical, complete with defaults and secrets: what is stored, and given back to open()
    std::string default_name;  ///< derived from the destination alone, such as "rabbit-campaigns"
    StreamOrder default_order = StreamOrder::loose;
    /// Members that are shown once, at the first registration only, as a JSON fragment
    /// (`"secret":"whsec_…"`); may be "".
    std::string shown_once;
};

/// A kind of destination: "rabbit", "webhook", … One object per process, made in builtin_sinks.cpp;
/// thread-safe.
class SinkType {
  public:
    virtual ~SinkType() = default;
    /// The value of a stream's `source`.
    [[nodiscard]] virtual std::string_view source() const = 0;

    /// Reads the sink's own members out of a stream object's JSON (`source`, `name`, `from`, `order` and
    /// `types` belong to the stream and are skipped; any other unknown member is an error). `stored` is the
    /// destination of the stream that is being replaced, if there is one: secrets that are left out are taken
    /// from it. Pointers are relative to the stream object.
    [[nodiscard]] virtual std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, std::optional<std::string_view> stored) const = 0;

    /// The destination as clients may see it: a JSON fragment of members without secrets
    /// (`"exchange":"campaigns",…`).
    [[nodiscard]] virtual std::string describe(std::string_view destination) const = 0;

    /// Looks at the real destination before it is stored (declares an exchange, …). Blocking, at most 10 s;
    /// the error becomes a 422 with this sentence. A destination that is away is no error: it may come later.
    [[nodiscard]] virtual std::expected<void, std::string> verify(std::string_view destination) const = 0;

    /// The destination with a new secret, which signs from now on; the old one signs too until `now` + 24 h.
    /// An error (one sentence) when this kind of destination has no secret.
    [[nodiscard]] virtual std::expected<ParsedDestination, std::string> rotate_secret(
        std::string_view /*destination*/, Timestamp /*now*/) const {
        return std::unexpected("This kind of destination has no secret.");
    }

    /// Opens a stored destination for a stream. Never throws for a destination that is away: its deliveries
    /// say so.
    [[nodiscard]] virtual std::unique_ptr<Sink> open(StreamId stream, std::string_view destination) const = 0;
};

/// All kinds of destination, by `source`.
using SinkTypes = std::vector<std::unique_ptr<SinkType>>;

[[nodiscard]] const SinkType* find_sink_type(const SinkTypes& types, std::string_view source);

}  // namespace headwater
