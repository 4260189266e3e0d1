#include "postgres/log_times.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <ranges>

#include "postgres/binary_array.hpp"
#include "postgres/connection.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

// The rows from the one that covers the first id to the one behind the last. Ids below the first row of all
// belong to no event.
constexpr std::string_view kBetween =
    "select first_id, at from headwater.log_times where first_id > coalesce((select first_id from "
    "headwater.log_times where first_id <= $1 order by first_id desc limit 1), 0) - 1 and first_id <= "
    "coalesce("
    "(select first_id from headwater.log_times where first_id > $2 order by first_id limit 1), $2) "
    "order by first_id";

constexpr std::string_view kTimesOfEach =
    "select coalesce((select at from headwater.log_times where first_id <= wanted.id order by first_id desc "
    "limit 1), '-infinity'), coalesce((select at from headwater.log_times where first_id > wanted.id order "
    "by "
    "first_id limit 1), 'infinity') from unnest($1::bigint[]) with ordinality as wanted(id, ordinal) "
    "order by ordinal";

// In ids. A row of log_times is for 64 or more of them, so a block has 64 rows or fewer, but for quiet hours:
// little more to read than the two that one id needs.
constexpr std::int64_t kBlock = 1 << 12;
constexpr std::size_t kMaxBlocks = 4'096;
// So many blocks are read for some ids; where they lie further apart, each is looked up by itself.
constexpr std::int64_t kBlocksAtOnce = 64;
constexpr std::int64_t kIdsOfABlock = 8;

/// The block that holds what is known of this id. Far beyond any head all share the last one.
std::int64_t block_of(std::int64_t id) {
    constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / kBlock - 1;
    return std::clamp<std::int64_t>(id / kBlock, 0, kLast);
}

}  // namespace

/// Nothing where the marks do not tell until when.
std::optional<TimeRange> LogTimes::find(const Marks& marks, std::int64_t id) {
    const auto next = std::ranges::upper_bound(marks, id, {}, &Mark::first_id);
    if (next == marks.end()) return std::nullopt;
    return TimeRange{next == marks.begin() ? Timestamp::min() : std::prev(next)->at, next->at};
}

TimeRange LogTimes::find_near_head(const Marks& marks, std::int64_t id) {
    const auto found = find(marks, id);
    if (found) return *found;
    return {marks.empty() ? Timestamp::min() : marks.back().at, Timestamp::max()};
}

TimeRange LogTimes::of(Connection& connection, EventId id) {
    const std::int64_t block = block_of(id.value);
    if (const MarksPtr marks = known(block)) {
        if (const auto found = find(*marks, id.value)) return *found;
    }
    return find_near_head(*read(connection, block, block).front(), id.value);
}

std::vector<TimeRange> LogTimes::of(Connection& connection, std::span<const std::int64_t> ids) {
    std::vector<TimeRange> times(ids.size());
    std::vector<std::size_t> missing;
    std::int64_t block = -1;
    MarksPtr marks;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (block_of(ids[i]) != block) marks = known(block = block_of(ids[i]));
        const auto found = marks ? find(*marks, ids[i]) : std::nullopt;
        if (found) {
            times[i] = *found;
        } else {
            missing.push_back(i);
        }
    }
    if (!missing.empty()) look_up(connection, ids, missing, times);
    return times;
}

void LogTimes::look_up(Connection& connection, std::span<const std::int64_t> ids,
                       std::span<const std::size_t> missing, std::span<TimeRange> times) {
    const auto id_of = [ids](std::size_t i) { return ids[i]; };
    const auto [least, most] = std::ranges::minmax(missing | std::views::transform(id_of));
    const std::int64_t first = block_of(least);
    const std::int64_t count = block_of(most) - first + 1;
    if (count <= std::max(kBlocksAtOnce, static_cast<std::int64_t>(missing.size()) / kIdsOfABlock)) {
        const std::vector<MarksPtr> blocks = read(connection, first, first + count - 1);
        for (const std::size_t i : missing)
            times[i] = find_near_head(*blocks[static_cast<std::size_t>(block_of(ids[i]) - first)], ids[i]);
        return;
    }
    BinaryArray wanted(BinaryArray::Element::int8);
    for (const std::size_t i : missing) wanted.add(ids[i]);
    const pqxx::result rows = connection.query(kTimesOfEach, wanted.take());
    for (std::size_t n = 0; n < missing.size(); ++n) {
        const auto row = rows[static_cast<pqxx::result::size_type>(n)];
        times[missing[n]] = {parse_sql_time(row[0].c_str()), parse_sql_time(row[1].c_str())};
    }
}

LogTimes::MarksPtr LogTimes::known(std::int64_t block) const {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(block);
    return found == blocks_.end() ? nullptr : found->second;
}

/// What is known of the first block is not read again: near the head little has come since.
std::vector<LogTimes::MarksPtr> LogTimes::read(Connection& connection, std::int64_t first_block,
                                               std::int64_t last_block) {
    const MarksPtr before = known(first_block);
    Marks marks = before ? *before : Marks{};
    const std::int64_t from = marks.empty() ? first_block * kBlock : marks.back().first_id;
    for (const auto& row : connection.query(kBetween, from, (last_block + 1) * kBlock - 1)) {
        const Mark mark{row[0].as<std::int64_t>(), parse_sql_time(row[1].c_str())};
        if (marks.empty() || mark.first_id > marks.back().first_id) marks.push_back(mark);
    }
    std::vector<MarksPtr> blocks;
    for (std::int64_t block = first_block; block <= last_block; ++block) {
        auto begin = std::ranges::upper_bound(marks, block * kBlock, {}, &Mark::first_id);
        if (begin != marks.begin()) --begin;
        auto end = std::ranges::lower_bound(marks, (block + 1) * kBlock, {}, &Mark::first_id);
        if (end != marks.end()) ++end;
        blocks.push_back(std::make_shared<const Marks>(begin, end));
    }
    keep(first_block, blocks);
    return blocks;
}

void LogTimes::keep(std::int64_t first_block, std::span<const MarksPtr> read) {
    const std::lock_guard lock(mutex_);
    if (blocks_.size() + read.size() > kMaxBlocks) blocks_.clear();
    for (const MarksPtr& marks : read) {
        MarksPtr& kept = blocks_[first_block++];
        if (!kept || kept->size() < marks->size()) kept = marks;  // another thread may have read more
    }
}

}  // namespace headwater::postgres
