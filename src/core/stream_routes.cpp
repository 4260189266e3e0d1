#include "core/stream_routes.hpp"

namespace headwater {

void StreamRoutes::clear() {
    owned_.clear();
    filtered_.clear();
    remembered_.clear();
}

void StreamRoutes::add(const Stream& stream) {
    remembered_.clear();
    if (stream.owner_type.empty()) {
        filtered_.push_back(&stream);
    } else {
        owned_[stream.owner_type].push_back(stream.id);
    }
}

const std::vector<StreamId>& StreamRoutes::of(const std::string& type) {
    if (const auto found = remembered_.find(type); found != remembered_.end()) return found->second;
    if (remembered_.size() >= kMaxRemembered) remembered_.clear();
    std::vector<StreamId> streams;
    if (const auto owned = owned_.find(type); owned != owned_.end()) streams = owned->second;
    for (const Stream* stream : filtered_) {
        if (stream->wants(type)) streams.push_back(stream->id);
    }
    return remembered_.emplace(type, std::move(streams)).first->second;
}

}  // namespace headwater
