#pragma once

#include <string_view>

namespace headwater {

/// What monitors report about their work. Thread-safe, cheap, never throws.
class MonitorMetrics {
  public:
    virtual ~MonitorMetrics() = default;
    virtual void check_in(std::string_view result) = 0;  ///< recorded, unknown or wrong-key
    virtual void monitor_died(double seconds_late) = 0;  ///< behind its due_at
};

class NullMonitorMetrics : public MonitorMetrics {
  public:
    void check_in(std::string_view) override {}
    void monitor_died(double) override {}
};

}  // namespace headwater
