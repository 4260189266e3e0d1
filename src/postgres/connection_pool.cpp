#include "postgres/connection_pool.hpp"

#include <chrono>

namespace headwater::postgres {

ConnectionPool::ConnectionPool(ConnectionSettings settings, std::size_t size)
    : settings_(std::move(settings)), free_places_(size) {}

std::unique_ptr<Connection> ConnectionPool::take() {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, std::chrono::seconds(5), [this] { return free_places_ > 0; })) {
        throw Unavailable("every database connection is busy");
    }
    --free_places_;
    if (idle_.empty()) return nullptr;
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    {
        const std::lock_guard lock(mutex_);
        ++free_places_;
        if (connection && connection->is_open()) idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
}

ConnectionPool::Lease::Lease(ConnectionPool& pool) : pool_(pool), connection_(pool.take()) {
    if (connection_) return;
    try {
        renew();
    } catch (...) {
        pool_.give_back(nullptr);
        throw;
    }
}

ConnectionPool::Lease::~Lease() {
    pool_.give_back(std::move(connection_));
}

void ConnectionPool::Lease::renew() {
    connection_ = std::make_unique<Connection>(pool_.settings_);
    is_fresh_ = true;
}

}  // namespace headwater::postgres
