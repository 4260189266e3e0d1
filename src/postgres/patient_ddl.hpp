#pragma once

#include <string>

namespace headwater::postgres {

class Connection;

/// Runs one DDL statement under a short lock_timeout and tries again some times: while such a statement waits
/// for its lock, appends and reads queue up behind it. False when the lock was not to be had; throws
/// Unavailable when the session is lost.
bool run_patiently(Connection& connection, const std::string& sql);

}  // namespace headwater::postgres
