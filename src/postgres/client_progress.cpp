#include "postgres/client_progress.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "postgres/connection.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

// The ids of the slice: those below a row of log_times were handed out at its time or before.
constexpr std::string_view kProgress =
    "select c.client_id, w.type_id, w.through, "
    "coalesce((select first_id from headwater.log_times where at < $2::timestamptz "
    "order by at desc, first_id desc limit 1), 1), "
    "coalesce((select first_id - 1 from headwater.log_times where at > $3::timestamptz "
    "order by at, first_id limit 1), (select last_value from headwater.log_head)) "
    "from headwater.clients c left join headwater.ack_watermarks w using (client_id) where c.name = $1";
// bit_send() puts the length, four bytes, before the bits.
constexpr std::string_view kBlocks =
    "select block, encode(substr(bit_send(bits), 5), 'hex') from headwater.ack_bitmaps "
    "where client_id = $1 and block between $2 and $3";
constexpr std::int64_t kBlockBits = 4096;
constexpr std::int64_t kEveryType = 0;

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

std::optional<ClientProgress> read_progress(Connection& connection, const std::string& name,
                                            const TimeRange& slice) {
    if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
    const pqxx::result rows = connection.query(kProgress, name, to_sql(slice.from), to_sql(slice.through));
    if (rows.empty()) return std::nullopt;
    ClientProgress progress;
    progress.client = rows[0][0].as<std::int64_t>();
    progress.ids = {rows[0][3].as<std::int64_t>(), rows[0][4].as<std::int64_t>()};
    for (const auto& row : rows) {
        if (row[1].is_null()) continue;
        const auto type = row[1].as<std::int64_t>();
        const auto through = row[2].as<std::int64_t>();
        if (type == kEveryType) {
            progress.through_all = through;
        } else {
            progress.through_type.emplace(type, through);
        }
    }
    return progress;
}

Unacknowledged Unacknowledged::read(Connection& connection, std::int64_t client, std::int64_t first,
                                    std::int64_t last) {
    Unacknowledged result;
    const std::int64_t first_block = first / kBlockBits;
    const std::int64_t last_block = last / kBlockBits;
    result.first_ = first_block * kBlockBits;
    result.last_ = (last_block + 1) * kBlockBits - 1;
    result.bytes_.resize(static_cast<std::size_t>((last_block - first_block + 1) * kBlockBits / 8));
    for (const auto& row : connection.query(kBlocks, client, first_block, last_block)) {
        result.is_everything_ = false;
        auto* to = &result.bytes_[static_cast<std::size_t>((row[0].as<std::int64_t>() - first_block) *
                                                           kBlockBits / 8)];
        const std::string_view hex(row[1].c_str(), row[1].size());
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
            *to++ = kReversed[static_cast<unsigned char>(digit_of(hex[i]) << 4 | digit_of(hex[i + 1]))];
    }
    const auto set = [&](std::int64_t id) {
        const auto bit = static_cast<std::size_t>(id - result.first_);
        result.bytes_[bit / 8] |= static_cast<unsigned char>(1U << (bit % 8));
    };
    for (std::int64_t id = result.first_; id < first; ++id) set(id);
    for (std::int64_t id = last + 1; id <= result.last_; ++id) set(id);
    for (std::size_t i = 0; i < result.bytes_.size(); i += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;  // there are whole blocks
        std::memcpy(&word, &result.bytes_[i], sizeof word);
        result.count_ += static_cast<std::size_t>(std::popcount(~word));
    }
    return result;
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
