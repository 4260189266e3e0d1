#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/log_times.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

class Connection;

struct IdSpan {
    std::int64_t first;
    std::int64_t last;  ///< inclusive
    [[nodiscard]] bool is_empty() const { return last < first; }
};

/// What a feed consumer has processed, but for the bitmaps.
struct ClientProgress {
    std::int64_t client = 0;
    std::int64_t through_all = 0;                       ///< everything up to here
    std::map<std::int64_t, std::int64_t> through_type;  ///< by type: everything of it up to here
    IdSpan ids{1, 0};  ///< those that were handed out in the slice; a few others may stand at both ends

    /// Every event of these types at or below is processed.
    [[nodiscard]] std::int64_t floor(const TypeSelection& types) const;
    /// True when events above the floor may be covered by a type's watermark.
    [[nodiscard]] bool has_more_than(std::int64_t floor) const;
};

/// `slice`: both ends are in it. Nothing for a client that nobody has heard of: it has processed nothing.
[[nodiscard]] std::optional<ClientProgress> read_progress(Connection& connection, const std::string& name,
                                                          const TimeRange& slice);

/// Which of the ids of one stretch a client has not acknowledged one by one.
class Unacknowledged {
  public:
    /// Reads the bitmaps for the ids from `first` to `last`.
    static Unacknowledged read(Connection& connection, std::int64_t client, std::int64_t first,
                               std::int64_t last);

    [[nodiscard]] std::size_t count() const { return count_; }
    /// True when nothing was acknowledged.
    [[nodiscard]] bool is_everything() const { return is_everything_; }
    /// All of them, ascending.
    [[nodiscard]] std::vector<std::int64_t> ids() const;
    /// What was acknowledged, as the text of a bytea: its bit n (as get_bit() counts) is of the id first() +
    /// n.
    [[nodiscard]] std::string acknowledged() const;
    [[nodiscard]] std::int64_t first() const { return first_; }

  private:
    std::int64_t first_ = 0;
    std::int64_t last_ = 0;
    std::vector<unsigned char> bytes_;  ///< set: acknowledged, or outside; the lowest bit first
    std::size_t count_ = 0;
    bool is_everything_ = true;
};

}  // namespace headwater::postgres
