#include "app/storage.hpp"

#include <stdexcept>

#include "core/errors.hpp"
#include "core/log.hpp"

namespace headwater::app {
namespace {

/// Streams and the health monitor read besides the readers.
constexpr std::size_t kMoreConnections = 4;

}  // namespace

Storage::Storage(const ServeOptions& options) {
    postgres::DatabaseOptions database;
    database.url = options.database_url;
    database.readers = options.database_readers + kMoreConnections;
    if (options.database_url.empty()) {
        postgres::EmbeddedOptions embedded;
        embedded.data_dir = options.data_dir;
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

}  // namespace headwater::app
