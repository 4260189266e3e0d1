#pragma once

#include <memory>
#include <utility>

#include "core/commit_desk.hpp"
#include "core/monitor_store.hpp"

namespace headwater {

class MonitorMetrics;

/// Group commit for check-ins: a CommitDesk that counts them.
class CheckInDesk {
  public:
    using Completion = CommitDesk<CheckIn, CheckInOutcome>::Completion;

    CheckInDesk(std::unique_ptr<CheckInWriter> writer, MonitorMetrics& metrics);

    void submit(const CheckIn& check_in, Completion done) { desk_.submit(check_in, std::move(done)); }
    /// Records what was accepted, and ends. Idempotent.
    void stop() { desk_.stop(); }

  private:
    CommitDesk<CheckIn, CheckInOutcome> desk_;
};

}  // namespace headwater
