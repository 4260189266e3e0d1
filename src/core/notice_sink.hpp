#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/sink.hpp"

namespace headwater {

/// The event types that tell of monitors.
inline constexpr std::string_view kMonitorDead = "monitor:dead";
inline constexpr std::string_view kMonitorOk = "monitor:ok";

/// A monitor's notification, as its "notify" names it.
struct Notice {
    std::string stream;  ///< the name of the stream that carries it; the same destination has the same name
    std::string destination;  ///< what NoticeSinkType opens
    std::string shown_once;
    StreamOrder order = StreamOrder::loose;
};

/// The kind of stream that carries monitors' notifications. It wraps a destination of another kind: a stream
/// is one destination, shared by every monitor that names it, over the events of all monitors; those whose
/// "notices" do not name the stream are settled at once. So each destination has its own cursor, retries and
/// dead events, and a hundred thousand monitors with few addresses are few streams. Clients make none
/// themselves.
class NoticeSinkType final : public SinkType {
  public:
    /// `inner` must outlive it.
    explicit NoticeSinkType(std::vector<const SinkType*> inner) : inner_(std::move(inner)) {}

    static constexpr std::string_view kSource = "monitor";

    /// The destination of the stream of that name, if there is one.
    using Stored = std::function<std::optional<std::string>(const std::string& stream)>;

    /// Reads an element of "notify". What is secret and left out is taken from the destination that it
    /// replaces, if any, else from the stream that carries this destination already. Pointers are relative to
    /// the element.
    [[nodiscard]] std::expected<Notice, std::vector<FieldError>> read(
        std::string_view element_json, std::string_view source, const Stored& stored,
        const std::optional<std::string>& replaced = std::nullopt) const;

    [[nodiscard]] std::string_view source() const override { return kSource; }
    /// Always an error: it says where such streams come from.
    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, std::optional<std::string_view> stored) const override;
    [[nodiscard]] std::string describe(std::string_view destination) const override;
    /// The inner destination as a whole object.
    [[nodiscard]] std::string describe_notice(std::string_view destination) const;
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view destination) const override;
    [[nodiscard]] std::expected<ParsedDestination, std::string> rotate_secret(std::string_view destination,
                                                                              Timestamp now) const override;
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId stream, std::string_view destination) const override;

  private:
    [[nodiscard]] const SinkType* find(std::string_view source) const;
    [[nodiscard]] const SinkType* inner_of(std::string_view destination) const;

    std::vector<const SinkType*> inner_;
};

/// True unless this is an event of a monitor whose notifications the stream does not carry.
[[nodiscard]] bool is_for_notice_stream(const Event& event, StreamId stream);

}  // namespace headwater
