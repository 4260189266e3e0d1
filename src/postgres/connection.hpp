#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/call_watchdog.hpp"
#include "postgres/connection_settings.hpp"
#include "postgres/errors.hpp"
#include "postgres/time_range.hpp"

namespace headwater::postgres {

/// A kept plan has a scan, of some kilobytes, for each partition that its text allows, takes a lock on each
/// (half a microsecond), and is made anew when one of them changes (a third of a millisecond each). To plan
/// for the values of one execution costs about a millisecond.
constexpr std::size_t kMaxKeptScans = 256;

/// What to prepare. With at most kMaxKeptScans, and after some uses, it is planned once for all values, and
/// partitions are pruned when it runs; else for each execution (PlanCache::fresh).
struct Statement {
    std::string_view sql;
    /// Of partitions of the log, about. 0: it does not read the log, and may be planned either way.
    std::size_t log_scans = 0;
};

/// One session, set up as every session of ours must be. Belongs to one thread at a time. After a loss it
/// stays closed (libpqxx would reopen it behind our back, without locks and settings): make a new object.
/// Statements are prepared on first use. Everything here throws the core exceptions (see errors.hpp), never
/// pqxx's.
class Connection {
  public:
    /// Throws Unavailable when PostgreSQL cannot be reached or is not a writable primary.
    explicit Connection(const ConnectionSettings& settings);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Runs one statement in a transaction of its own. There must be a bounded number of texts, but for the
    /// period of time that they name.
    template <class... Args>
    pqxx::result query(const Statement& statement, Args&&... args) {
        return translated([&] {
            const CallWatchdog::Call call = watch();
            const std::string& name = prepared_for(statement);
            pqxx::nontransaction transaction(*connection_);
            return transaction.exec_prepared(name, std::forward<Args>(args)...);
        });
    }
    template <class... Args>
    pqxx::result query(std::string_view sql, Args&&... args) {
        return query(Statement{sql}, std::forward<Args>(args)...);
    }

    /// Runs one or more statements without parameters, each in a transaction of its own if it is alone.
    void run(const std::string& sql);

    /// False once the session is lost.
    [[nodiscard]] bool is_open() const;

    [[nodiscard]] pqxx::connection& raw() { return *connection_; }
    /// Bounds the calls made while it lives: one silent for too long fails like a lost connection.
    [[nodiscard]] CallWatchdog::Call watch() { return {watched_.get(), call_limit_}; }
    /// When the events of each of the log's partitions were created, its end included; asked for once a
    /// minute.
    [[nodiscard]] const std::vector<TimeRange>& log_partitions();
    /// The name under which the statement is prepared on this session.
    [[nodiscard]] const std::string& prepared(std::string_view sql);

  private:
    struct Prepared {
        std::string name;
        std::uint64_t uses = 0;  ///< of a statement that reads the log
    };

    /// Makes room for it, and chooses how it is planned.
    const std::string& prepared_for(const Statement& statement);
    Prepared& find_prepared(std::string_view sql);

    const PlanCache plans_;
    bool is_keeping_ = false;
    std::size_t prepared_count_ = 0;
    std::vector<TimeRange> log_partitions_;
    std::chrono::steady_clock::time_point next_look_{};
    std::unique_ptr<pqxx::connection> connection_;
    std::unique_ptr<pqxx::quiet_errorhandler> silence_;      // notices would go to standard error
    std::map<std::string, Prepared, std::less<>> prepared_;  ///< by text
    std::chrono::milliseconds call_limit_;
    std::unique_ptr<CallWatchdog::Session> watched_;  // last: its watch ends before the socket closes
};

/// Several statements that take effect together, or not at all when it is destroyed before commit().
class Transaction {
  public:
    explicit Transaction(Connection& connection);

    template <class... Args>
    pqxx::result query(std::string_view sql, Args&&... args) {
        return translated([&] {
            const CallWatchdog::Call call = connection_.watch();
            return work_->exec_prepared(connection_.prepared(sql), std::forward<Args>(args)...);
        });
    }
    /// Runs statements without parameters.
    void run(const std::string& sql);
    /// Throws Unavailable when the outcome is unknown.
    void commit();

  private:
    Connection& connection_;
    std::unique_ptr<pqxx::work> work_;
};

}  // namespace headwater::postgres
