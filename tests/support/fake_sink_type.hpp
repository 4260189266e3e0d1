#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>

#include "core/sink.hpp"

namespace headwater::testing {

/// A kind of destination that goes nowhere: `{"source":"fake"}`. Its secret is made when it is left out and
/// shown once; "bad" in the object is refused with a pointer, "liar" is refused when the destination is
/// looked at, "open" has no secret.
class FakeSinkType final : public SinkType {
  public:
    /// What becomes of deliveries; set it before the first one. Called by whoever delivers.
    std::function<void(Delivery)> on_deliver = [](Delivery delivery) { delivery.settle({}); };

    [[nodiscard]] std::string_view source() const override { return "fake"; }

    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view json, std::optional<std::string_view> stored) const override {
        if (json.contains("bad")) return std::unexpected(std::vector<FieldError>{{"/bad", "This is bad."}});
        ParsedDestination parsed;
        parsed.default_name = "fake-default";
        parsed.json =
            stored ? std::string(*stored) : R"({"secret":"s)" + std::to_string(++secrets_) + R"("})";
        if (json.contains("liar")) parsed.json = "liar";
        if (json.contains("open")) parsed.json = "open";
        if (!stored) parsed.shown_once = R"("secret":"s)" + std::to_string(secrets_) + R"(")";
        return parsed;
    }
    [[nodiscard]] std::string describe(std::string_view) const override { return R"("kind":"nowhere")"; }
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view destination) const override {
        if (destination == "liar") return std::unexpected("The destination says otherwise.");
        return {};
    }
    [[nodiscard]] std::expected<ParsedDestination, std::string> rotate_secret(std::string_view destination,
                                                                              Timestamp) const override {
        if (destination == "open") return std::unexpected("This kind of destination has no secret.");
        const std::string secret = R"("secret":"s)" + std::to_string(++secrets_) + "\"";
        ParsedDestination rotated;
        rotated.json = "{" + secret + "}";
        rotated.shown_once = secret;
        return rotated;
    }
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId, std::string_view) const override {
        return std::make_unique<FakeSink>(*this);
    }

  private:
    class FakeSink final : public Sink {
      public:
        explicit FakeSink(const FakeSinkType& type) : type_(type) {}
        void deliver(Delivery delivery) override { type_.on_deliver(std::move(delivery)); }
        [[nodiscard]] std::size_t window() const override { return 1; }

      private:
        const FakeSinkType& type_;
    };

    mutable std::atomic<int> secrets_{0};
};

}  // namespace headwater::testing
