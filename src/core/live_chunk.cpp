#include "core/live_chunk.hpp"

namespace headwater {

void LiveChunk::append_json(const EventPtr& event) {
    if (event->json.size() < kReferFrom) return append(event->json);
    references_.push_back({text_.size(), event});
    size_ += event->json.size();
}

std::string LiveChunk::to_text() const {
    std::string out;
    for_each_piece([&](std::string_view piece) {
        out += piece;
        return true;
    });
    return out;
}

}  // namespace headwater
