#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace headwater::postgres {

class CallWatchdog;

/// fresh: each execution is planned for its own values, so that partitions are pruned, unless the statement
/// says that it has few of them (Statement); cached: PostgreSQL decides.
enum class PlanCache { fresh, cached };

/// How a connection is opened and bounded. Copied into every object that opens connections.
struct ConnectionSettings {
    std::string url;  ///< a libpq URL or conninfo; may hold a password, so never log it
    std::string application_name = "headwater";
    std::chrono::milliseconds statement_timeout{15'000};
    std::chrono::milliseconds lock_timeout{0};  ///< 0: as long as the statement may take
    /// Ends calls that outlast the statement timeout by this much because PostgreSQL is silent; null: nobody
    /// does.
    std::shared_ptr<CallWatchdog> watchdog{};
    std::chrono::milliseconds silence{3'000};
    PlanCache plans = PlanCache::fresh;
};

/// The conninfo that is really used: the url, completed by timeouts, keepalives and the like where it is
/// silent. Throws std::invalid_argument, without the url's text, when libpq cannot read it.
[[nodiscard]] std::string to_conninfo(const ConnectionSettings& settings);

}  // namespace headwater::postgres
