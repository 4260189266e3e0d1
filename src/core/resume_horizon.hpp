#pragma once

#include "core/live_filter.hpp"
#include "core/time.hpp"

namespace headwater {

class Registry;

/// Knows how far back the log is complete for a subscriber. Thread-safe, never blocks.
class ResumeHorizon {
  public:
    virtual ~ResumeHorizon() = default;
    /// True when events that match and were stored after `since` may have expired already.
    [[nodiscard]] virtual bool is_before(Timestamp since, const LiveFilter& filter) const = 0;
};

/// Answers from the ttl of the registered types. It errs towards "may have": an event stored right after
/// `since` need not have existed.
class RegistryHorizon final : public ResumeHorizon {
  public:
    RegistryHorizon(const Registry& registry, const Clock& clock) : registry_(registry), clock_(clock) {}
    [[nodiscard]] bool is_before(Timestamp since, const LiveFilter& filter) const override;

  private:
    const Registry& registry_;
    const Clock& clock_;
};

}  // namespace headwater
