#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "postgres/connection.hpp"

namespace headwater::postgres {

/// A bounded set of connections for blocking work on any thread. A call waits for a free one (at most 5 s,
/// then Unavailable); lost ones are thrown away and replaced when next needed.
class ConnectionPool {
  public:
    ConnectionPool(ConnectionSettings settings, std::size_t size);

    /// Runs `work(Connection&)`. When a connection that had been idle turns out to be lost, runs it once more
    /// on a fresh one: `work` must be safe to repeat.
    template <class Work>
    auto run(Work&& work) {
        Lease lease(*this);
        try {
            return work(lease.connection());
        } catch (const Unavailable&) {
            if (lease.is_fresh() || lease.is_open()) throw;
        }
        lease.renew();
        return work(lease.connection());
    }

  private:
    /// Holds one place of the pool, and its connection, for the time of a call.
    class Lease {
      public:
        explicit Lease(ConnectionPool& pool);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Connection& connection() { return *connection_; }
        [[nodiscard]] bool is_fresh() const { return is_fresh_; }
        [[nodiscard]] bool is_open() const { return connection_->is_open(); }
        void renew();

      private:
        ConnectionPool& pool_;
        std::unique_ptr<Connection> connection_;
        bool is_fresh_ = false;
    };

    std::unique_ptr<Connection> take();
    void give_back(std::unique_ptr<Connection> connection);

    ConnectionSettings settings_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::size_t free_places_;                        // guarded by mutex_
    std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

}  // namespace headwater::postgres
