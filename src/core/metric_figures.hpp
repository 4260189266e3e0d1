#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headwater {

/// What the counters of this node stood at in one moment; a value. Totals count from the node's start.
struct MetricFigures {
    /// Counts of a histogram: `counts[i]` observations were at most `bounds[i]` seconds and above the bound
    /// before; the last count, which has no bound, is of everything above.
    struct Histogram {
        std::vector<double> bounds{};
        std::vector<std::uint64_t> counts{};
    };

    std::map<std::string, double> accepted{};    ///< events by type
    std::map<std::string, double> deliveries{};  ///< attempts by result, over all streams
    Histogram append_seconds{};
    double lag_events = 0;      ///< of all streams that this node runs, together
    double oldest_seconds = 0;  ///< of the one that is furthest behind
    double live_connections = 0;
    double live_messages = 0;
};

}  // namespace headwater
