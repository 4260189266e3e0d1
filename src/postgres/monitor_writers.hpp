#pragma once

#include <functional>
#include <memory>

#include "core/monitor_store.hpp"
#include "postgres/connection_settings.hpp"

namespace headwater::postgres {

class Connection;

/// A session that may append to the log: begun as each append connection must be, made again after a loss.
/// Belongs to one thread.
class AppendingSession {
  public:
    explicit AppendingSession(ConnectionSettings settings);
    ~AppendingSession();

    /// Runs `work`; when the log lacks a partition, makes it and runs it once more. Throws Unavailable.
    void run(const std::function<void(Connection&)>& work);

  private:
    void run_once(const std::function<void(Connection&)>& work);

    ConnectionSettings settings_;
    std::unique_ptr<Connection> connection_;
};

/// headwater.check_in().
class PostgresCheckInWriter final : public CheckInWriter {
  public:
    explicit PostgresCheckInWriter(ConnectionSettings settings) : session_(std::move(settings)) {}
    CheckInsRecorded record(std::span<const CheckIn> check_ins) override;

  private:
    AppendingSession session_;
};

/// headwater.look_again() and headwater.turn_late().
class PostgresLateMonitors final : public LateMonitors {
  public:
    explicit PostgresLateMonitors(ConnectionSettings settings) : session_(std::move(settings)) {}
    LateRound turn() override;

  private:
    AppendingSession session_;
};

}  // namespace headwater::postgres
