#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "core/delivery_store.hpp"
#include "postgres/connection.hpp"

namespace headwater::postgres {

/// Numbers the saves of this process: one that PostgreSQL takes up only after a newer one comes too late and
/// is left out. Each try of a save takes a number of its own. Thread-safe.
class SaveNumbers {
  public:
    /// Ascending, and by the clock, so that two objects in one process agree.
    [[nodiscard]] std::int64_t next();

  private:
    std::atomic<std::int64_t> last_{0};
};

/// Saves the progress of many streams with one statement, inside of a transaction or as one. Returns the
/// streams that were left alone. An event that is both settled and failing is failing.
std::vector<StreamId> save_progress(Connection& connection, std::int64_t number,
                                    std::span<const StreamProgress> progress);
std::vector<StreamId> save_progress(Transaction& transaction, std::int64_t number,
                                    std::span<const StreamProgress> progress);

}  // namespace headwater::postgres
