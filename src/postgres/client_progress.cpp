#include "postgres/client_progress.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "postgres/connection.hpp"
#include "postgres/event_query.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kProgress =
    "select client_id, types, marks, first_id, last_id, blocks, bits "
    "from headwater.client_progress($1, $2, $3, $4, $5, $6, $7)";
// bit_send() puts the length, four bytes, before the bits.
constexpr std::string_view kBlocks =
    "select block, encode(substr(bit_send(bits), 5), 'hex') from headwater.ack_bitmaps "
    "where client_id = $1 and block between $2 and $3";
constexpr std::int64_t kBlockBits = 4096;
constexpr std::int64_t kEveryType = 0;
constexpr std::int64_t kLastId = std::numeric_limits<std::int64_t>::max();

unsigned char digit_of(char c) {
    return static_cast<unsigned char>(c <= '9' ? c - '0' : c - 'a' + 10);
}

/// PostgreSQL counts a bit string's bits from the left, a bytea's from each byte's lowest.
unsigned char reversed(unsigned char byte) {
    unsigned char out = 0;
    for (int bit = 0; bit < 8; ++bit) out = static_cast<unsigned char>((out << 1) | ((byte >> bit) & 1));
    return out;
}

const std::array<unsigned char, 256> kReversed = [] {
    std::array<unsigned char, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = reversed(static_cast<unsigned char>(i));
    return table;
}();

}  // namespace

std::int64_t ClientProgress::floor(const TypeSelection& types) const {
    if (types.kind == TypeSelection::Kind::all_but || types.ids.empty()) return through_all;
    std::int64_t floor = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t type : types.ids) {
        const auto mark = through_type.find(type);
        floor = std::min(floor, mark == through_type.end() ? 0 : mark->second);
    }
    return std::max(floor, through_all);
}

bool ClientProgress::has_more_than(std::int64_t floor) const {
    return std::ranges::any_of(through_type, [floor](const auto& mark) { return mark.second > floor; });
}

IdSpan take_stretch(IdSpan& left, std::int64_t length, bool is_descending) {
    IdSpan stretch = left;
    if (is_descending) {
        stretch.first = std::max(left.first, left.last - length + 1);
        left.last = stretch.first - 1;
    } else {
        stretch.last = std::min(left.last, left.first + length - 1);
        left.first = stretch.last + 1;
    }
    return stretch;
}

std::optional<ClientProgress> read_progress(Connection& connection, const std::string& name,
                                            const EventScope& scope, std::int64_t reach) {
    if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
    const std::int64_t first = scope.after ? std::min(scope.after->value, kLastId - 1) + 1 : 1;
    const pqxx::result rows =
        connection.query(kProgress, name, to_sql(scope.from), to_sql(scope.through), first,
                         scope.last ? scope.last->value : kLastId, reach, scope.is_descending);
    if (rows.empty()) return std::nullopt;
    const pqxx::row row = rows[0];
    ClientProgress progress;
    progress.client = row[0].as<std::int64_t>();
    const auto types = split_sql_array(row[1].c_str());
    const auto marks = split_sql_array(row[2].c_str());
    for (std::size_t i = 0; i < types.size(); ++i) {
        const std::int64_t type = parse_int64(types[i]);
        const std::int64_t through = parse_int64(marks[i]);
        if (type == kEveryType) {
            progress.through_all = through;
        } else {
            progress.through_type.emplace(type, through);
        }
    }
    progress.ids = {row[3].as<std::int64_t>(), row[4].as<std::int64_t>()};
    if (progress.ids.is_empty()) return progress;
    IdSpan left = progress.ids;
    progress.bitmaps.ids = take_stretch(left, reach, scope.is_descending);
    const auto blocks = split_sql_array(row[5].c_str());
    const auto bits = split_sql_array(row[6].c_str());
    for (std::size_t i = 0; i < blocks.size(); ++i)
        progress.bitmaps.blocks.push_back({parse_int64(blocks[i]), std::string(bits[i])});
    return progress;
}

AckBitmaps read_bitmaps(Connection& connection, std::int64_t client, const IdSpan& ids) {
    AckBitmaps bitmaps{ids, {}};
    for (const auto& row : connection.query(kBlocks, client, ids.first / kBlockBits, ids.last / kBlockBits))
        bitmaps.blocks.push_back({row[0].as<std::int64_t>(), row[1].c_str()});
    return bitmaps;
}

Unacknowledged::Unacknowledged(const AckBitmaps& bitmaps, const IdSpan& stretch) {
    const std::int64_t first_block = stretch.first / kBlockBits;
    const std::int64_t last_block = stretch.last / kBlockBits;
    first_ = first_block * kBlockBits;
    last_ = (last_block + 1) * kBlockBits - 1;
    bytes_.resize(static_cast<std::size_t>(last_ - first_ + 1) / 8);
    for (const AckBitmaps::Block& block : bitmaps.blocks) {
        if (block.number < first_block || block.number > last_block) continue;
        is_everything_ = false;
        auto* to = &bytes_[static_cast<std::size_t>((block.number - first_block) * kBlockBits / 8)];
        for (std::size_t i = 0; i + 1 < block.bits.size(); i += 2)
            *to++ = kReversed[static_cast<unsigned char>(digit_of(block.bits[i]) << 4 |
                                                         digit_of(block.bits[i + 1]))];
    }
    const auto set = [this](std::int64_t id) {
        const auto bit = static_cast<std::size_t>(id - first_);
        bytes_[bit / 8] |= static_cast<unsigned char>(1U << (bit % 8));
    };
    for (std::int64_t id = first_; id < stretch.first; ++id) set(id);
    for (std::int64_t id = stretch.last + 1; id <= last_; ++id) set(id);
    for (std::size_t i = 0; i < bytes_.size(); i += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;  // there are whole blocks
        std::memcpy(&word, &bytes_[i], sizeof word);
        count_ += static_cast<std::size_t>(std::popcount(~word));
    }
}

std::vector<std::int64_t> Unacknowledged::ids() const {
    std::vector<std::int64_t> ids;
    ids.reserve(count_);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        for (unsigned left = static_cast<unsigned char>(~bytes_[i]); left != 0; left &= left - 1)
            ids.push_back(first_ + static_cast<std::int64_t>(i * 8) + std::countr_zero(left));
    }
    return ids;
}

std::string Unacknowledged::acknowledged() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + bytes_.size() * 2);
    for (const unsigned char byte : bytes_) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

}  // namespace headwater::postgres
