#include "core/replay_runner.hpp"

namespace headwater {
namespace {

bool is_same(const ReplayProgress& a, const ReplayProgress& b) {
    return a.cursor == b.cursor && a.delivered == b.delivered && a.failed == b.failed &&
           a.skipped == b.skipped && a.is_done == b.is_done;
}

}  // namespace

ReplayRunner::ReplayRunner(const Replay& replay, StreamRunner& stream, StreamHost& host)
    : replay_(replay),
      stream_(stream),
      host_(host),
      tokens_(replay.what.rate),
      generation_(host.next_generation()) {}

ReplayProgress ReplayRunner::progress() const {
    return {.id = replay_.id,
            .cursor = cursor(),
            .delivered = replay_.delivered,
            .failed = replay_.failed,
            .skipped = replay_.skipped,
            .is_done = is_done()};
}

std::optional<ReplayProgress> ReplayRunner::take_progress() {
    const ReplayProgress now = progress();
    if (saved_ && is_same(*saved_, now)) return std::nullopt;
    saving_ = now;
    return now;
}

void ReplayRunner::on_saved(bool is_saved) {
    if (!saving_) return;
    if (is_saved) {
        saved_ = saving_;
        is_over_ = saving_->is_done;
    }
    saving_.reset();
}

}  // namespace headwater
