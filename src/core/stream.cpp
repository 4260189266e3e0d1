#include "core/stream.hpp"

namespace headwater {

std::string_view to_string(StreamOrder order) {
    switch (order) {
        case StreamOrder::loose:
            return "loose";
        case StreamOrder::subject:
            return "subject";
        case StreamOrder::strict:
            return "strict";
    }
    return "";
}

std::string_view to_string(StreamState state) {
    switch (state) {
        case StreamState::running:
            return "running";
        case StreamState::retrying:
            return "retrying";
        case StreamState::paused:
            return "paused";
        case StreamState::blocked:
            return "blocked";
    }
    return "";
}

std::optional<StreamOrder> parse_stream_order(std::string_view text) {
    using enum StreamOrder;
    for (const auto order : {loose, subject, strict}) {
        if (text == to_string(order)) return order;
    }
    return std::nullopt;
}

std::optional<StreamState> parse_stream_state(std::string_view text) {
    using enum StreamState;
    for (const auto state : {running, retrying, paused, blocked}) {
        if (text == to_string(state)) return state;
    }
    return std::nullopt;
}

}  // namespace headwater
