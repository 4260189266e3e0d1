#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

class Connection;
struct EventScope;

struct IdSpan {
    std::int64_t first;
    std::int64_t last;  ///< inclusive
    [[nodiscard]] bool is_empty() const { return last < first; }
    [[nodiscard]] bool contains(const IdSpan& other) const {
        return first <= other.first && other.last <= last;
    }
};

/// A client's bitmaps, which stand for 4,096 ids each. Those that are missing have no bit set.
struct AckBitmaps {
    struct Block {
        std::int64_t number;  ///< of its first id, divided by 4,096
        std::string bits;     ///< hexadecimal, as bit_send() gives them
    };
    IdSpan ids{1, 0};  ///< all blocks of these were looked for
    std::vector<Block> blocks;
};
[[nodiscard]] AckBitmaps read_bitmaps(Connection& connection, std::int64_t client, const IdSpan& ids);

/// Takes the next stretch off the ids that are left, at the end where a feed begins.
[[nodiscard]] IdSpan take_stretch(IdSpan& left, std::int64_t length, bool is_descending);

/// What a feed consumer has processed.
struct ClientProgress {
    std::int64_t client = 0;
    std::int64_t through_all = 0;                       ///< everything up to here
    std::map<std::int64_t, std::int64_t> through_type;  ///< by type: everything of it up to here
    IdSpan ids{1, 0};                                   ///< of the scope; a few others may stand at both ends
    AckBitmaps bitmaps;                                 ///< those of the stretch with which the scope begins

    /// Every event of these types at or below is processed.
    [[nodiscard]] std::int64_t floor(const TypeSelection& types) const;
    /// True when events above the floor may be covered by a type's watermark.
    [[nodiscard]] bool has_more_than(std::int64_t floor) const;
};

/// `scope`: its times, ids and direction. `reach`: the bitmaps of so many ids come with it. Nothing for a
/// client that nobody has heard of: it has processed nothing.
[[nodiscard]] std::optional<ClientProgress> read_progress(Connection& connection, const std::string& name,
                                                          const EventScope& scope, std::int64_t reach);

/// Which of the ids of one stretch a client has not acknowledged one by one.
class Unacknowledged {
  public:
    /// `bitmaps` must have been read for the stretch, or more.
    Unacknowledged(const AckBitmaps& bitmaps, const IdSpan& stretch);

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
