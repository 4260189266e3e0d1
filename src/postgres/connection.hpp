#pragma once

#include <map>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <utility>

#include "postgres/call_watchdog.hpp"
#include "postgres/connection_settings.hpp"
#include "postgres/errors.hpp"

namespace headwater::postgres {

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

    /// Runs one statement in a transaction of its own. `sql` must be one of a bounded number of texts.
    template <class... Args>
    pqxx::result query(std::string_view sql, Args&&... args) {
        return translated([&] {
            const CallWatchdog::Call call = watch();
            pqxx::nontransaction transaction(*connection_);
            return transaction.exec_prepared(prepared(sql), std::forward<Args>(args)...);
        });
    }

    /// Runs one or more statements without parameters, each in a transaction of its own if it is alone.
    void run(const std::string& sql);

    /// False once the session is lost.
    [[nodiscard]] bool is_open() const;

    [[nodiscard]] pqxx::connection& raw() { return *connection_; }
    /// Bounds the calls made while it lives: one silent for too long fails like a lost connection.
    [[nodiscard]] CallWatchdog::Call watch() { return {watched_.get(), call_limit_}; }
    /// The name under which the statement is prepared on this session.
    [[nodiscard]] const std::string& prepared(std::string_view sql);

  private:
    std::unique_ptr<pqxx::connection> connection_;
    std::unique_ptr<pqxx::quiet_errorhandler> silence_;  // notices would go to standard error
    std::map<std::string, std::string, std::less<>> prepared_;
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
