#include "app/storage.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "core/errors.hpp"
#include "core/log.hpp"

namespace headwater::app {
namespace {

/// Streams and the health monitor read besides the readers.
constexpr std::size_t kMoreConnections = 4;

/// PostgreSQL gives up altogether when its write-ahead log cannot grow, and needs some of it to come back.
/// What is kept free lasts for what is under way and for the second until somebody looks again.
std::uintmax_t reserve_of(std::uintmax_t capacity) {
    constexpr std::uintmax_t kMiB = 1 << 20;
    return std::clamp(capacity / 50, 64 * kMiB, 512 * kMiB);
}

}  // namespace

Storage::Storage(const ServeOptions& options) {
    postgres::DatabaseOptions database;
    database.url = options.database_url;
    database.readers = options.database_readers + kMoreConnections;
    if (options.database_url.empty()) {
        postgres::EmbeddedOptions embedded;
        embedded.data_dir = options.data_dir;
        data_dir_ = options.data_dir;
        embedded_ = postgres::EmbeddedServer::start(embedded);
        database.url = embedded_->url();
    }
    database_ = std::make_unique<postgres::Database>(std::move(database));
    try {
        database_->migrate();
    } catch (const Unavailable& error) {
        log::error("postgres.unavailable", {{"error", error.what()}});
        throw std::runtime_error(
            "PostgreSQL cannot be reached, or refuses this user; the log above says more.");
    }
}

DiskState Storage::disk() const noexcept {
    std::error_code unknown;
    const auto space = std::filesystem::space(data_dir_, unknown);
    if (data_dir_.empty() || unknown) return DiskState::roomy;
    return space.available < reserve_of(space.capacity) ? DiskState::full : DiskState::roomy;
}

}  // namespace headwater::app
