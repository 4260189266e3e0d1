#include "core/destination_link.hpp"

#include <algorithm>
#include <utility>

namespace headwater {

DestinationLink::~DestinationLink() {
    if (sink_) host_.close(std::move(sink_));
}

bool DestinationLink::open(const Stream& stream, const StreamMoment& moment, std::string& error) {
    if (sink_) return true;
    if (health_.allowance(moment.steady) == 0) return false;
    sink_ = host_.open(stream);
    if (sink_) {
        retries_ = RetryPolicy(sink_->retries());
        is_one_by_one_ = stream.definition.order == StreamOrder::strict && !sink_->keeps_order();
        return true;
    }
    error = "There is no sink named \"" + stream.definition.source + "\" here.";
    health_.note_unavailable(moment.steady);
    return false;
}

void DestinationLink::restart() {
    health_ = DestinationHealth();
    if (sink_) host_.close(std::move(sink_));
}

std::size_t DestinationLink::allowance(TimePoint now) const {
    return sink_ ? std::min(window(), health_.allowance(now)) : 0;
}

DestinationLink::TimePoint DestinationLink::next_attempt(int attempts, const DeliveryResult& result,
                                                         TimePoint now) {
    const double spread = std::uniform_real_distribution<double>(0.0, 1.0)(random_);
    return now + retries_.wait_after(attempts, spread, result.retry_after);
}

}  // namespace headwater
