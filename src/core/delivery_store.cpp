#include "core/delivery_store.hpp"

#include <array>

namespace headwater {
namespace {

using namespace std::string_view_literals;

constexpr std::array kFailingStates{"retrying"sv, "held"sv, "dead"sv};
constexpr std::array kReplayStates{"running"sv, "done"sv, "cancelled"sv};

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(FailingState state) {
    return kFailingStates[static_cast<std::size_t>(state)];
}
std::optional<FailingState> parse_failing_state(std::string_view text) {
    return parse<FailingState>(kFailingStates, text);
}
std::string_view to_string(ReplayState state) {
    return kReplayStates[static_cast<std::size_t>(state)];
}
std::optional<ReplayState> parse_replay_state(std::string_view text) {
    return parse<ReplayState>(kReplayStates, text);
}

}  // namespace headwater
