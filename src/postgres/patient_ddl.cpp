#include "postgres/patient_ddl.hpp"

#include "core/log.hpp"
#include "postgres/connection.hpp"

namespace headwater::postgres {
namespace {

constexpr int kAttempts = 5;

/// Lets DDL give up soon when its locks are not to be had: while it waits, appends queue up behind it.
class ShortLockTimeout {
  public:
    explicit ShortLockTimeout(Connection& connection) : connection_(connection) {
        connection_.run("set lock_timeout = '200ms'");
    }
    ~ShortLockTimeout() {
        try {
            connection_.run("set lock_timeout = 0");
        } catch (const Unavailable&) {  // the session is gone, and the setting with it
        }
    }
    ShortLockTimeout(const ShortLockTimeout&) = delete;
    ShortLockTimeout& operator=(const ShortLockTimeout&) = delete;

  private:
    Connection& connection_;
};

}  // namespace

bool run_patiently(Connection& connection, const std::string& sql) {
    const ShortLockTimeout timeout(connection);
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
        try {
            connection.run(sql);
            return true;
        } catch (const Unavailable& error) {
            if (!connection.is_open()) throw;
            log::debug("partition.retry", {{"sql", sql}, {"error", error.what()}});
        }
    }
    return false;
}

}  // namespace headwater::postgres
