#pragma once

#include <stdexcept>
#include <utility>

#include "core/errors.hpp"

namespace headwater::postgres {

/// SQLSTATE 23514: a row met no partition (our only check constraints are partition bounds and the registry's
/// own).
class MissingPartition : public DataRejected {
  public:
    using DataRejected::DataRejected;
};

/// The database as it is cannot be used: fsync off, a schema of a newer release. what() is one plain sentence
/// for the operator.
class DatabaseRefused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Called inside a catch block: throws what libpqxx's current exception means to core. Lost sessions,
/// timeouts, a read-only or crowded server are Unavailable; SQLSTATE classes 22 and 23 are DataRejected.
[[noreturn]] void throw_translated();

/// Runs `work` and translates what libpqxx throws.
template <class Work>
decltype(auto) translated(Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        throw_translated();
    }
}

}  // namespace headwater::postgres
