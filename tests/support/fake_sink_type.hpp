#pragma once

#include <algorithm>
#include <atomic>
#include <string>

#include "core/sink.hpp"

namespace headwater::testing {

/// A kind of destination that goes nowhere: `{"source":"fake"}`. Its secret is made when it is left out and
/// shown once; "bad" in the object is refused with a pointer, "liar" is refused when the destination is
/// looked at.
class FakeSinkType final : public SinkType {
  public:
    [[nodiscard]] std::string_view source() const override { return "fake"; }

    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view json, std::optional<std::string_view> stored) const override {
        if (json.contains("bad")) return std::unexpected(std::vector<FieldError>{{"/bad", "This is bad."}});
        ParsedDestination parsed;
        parsed.default_name = "fake-default";
        parsed.json =
            stored ? std::string(*stored) : R"({"secret":"s)" + std::to_string(++secrets_) + R"("})";
        if (json.contains("liar")) parsed.json = "liar";
        if (!stored) parsed.shown_once = R"("secret":"s)" + std::to_string(secrets_) + R"(")";
        return parsed;
    }
    [[nodiscard]] std::string describe(std::string_view) const override { return R"("kind":"nowhere")"; }
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view destination) const override {
        if (destination == "liar") return std::unexpected("The destination says otherwise.");
        return {};
    }
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId, std::string_view) const override { return nullptr; }

  private:
    mutable std::atomic<int> secrets_{0};
};

}  // namespace headwater::testing
