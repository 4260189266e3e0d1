#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.hpp"

namespace headwater {

/// Bytes that are ready to be written to any number of connections: the frames of one or more events, built
/// once and then shared unchanged. Small events are copied into one run of text, large ones are referred to,
/// so that their bytes exist once.
class LiveChunk {
  public:
    /// From this size on an event's JSON is referred to and not copied.
    static constexpr std::size_t kReferFrom = 16 * 1024;

    void append(std::string_view text) {
        text_ += text;
        size_ += text.size();
    }
    void append_json(const EventPtr& event);
    /// Says that this event is now in the chunk.
    void count_event(EventId id) {
        ++events_;
        upto_ = id;
    }
    /// Says that who has got this chunk has got everything up to here.
    void reach(Position position) { upto_ = position; }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t events() const { return events_; }
    /// The last event's id, or what reach() said; 0 without either.
    [[nodiscard]] Position upto() const { return upto_; }
    [[nodiscard]] std::string to_text() const;

    /// Calls visit(std::string_view) for each run of bytes, in order, as long as it returns true.
    template <class Visit>
    void for_each_piece(Visit visit) const {
        const std::string_view text = text_;
        std::size_t at = 0;
        for (const auto& reference : references_) {
            if (reference.text_end > at && !visit(text.substr(at, reference.text_end - at))) return;
            if (!visit(std::string_view(reference.event->json))) return;
            at = reference.text_end;
        }
        if (at < text.size()) visit(text.substr(at));
    }

  private:
    struct Reference {
        std::size_t text_end;  ///< how much of text_ comes before it
        EventPtr event;
    };
    std::string text_;
    std::vector<Reference> references_;
    std::size_t size_ = 0;
    std::size_t events_ = 0;
    Position upto_;
};
using LiveChunkPtr = std::shared_ptr<const LiveChunk>;

/// How a protocol writes an event. Stateless and shared by all connections of its kind; subscribers with the
/// same encoder and filter get the same chunks.
class LiveEncoder {
  public:
    virtual ~LiveEncoder() = default;
    virtual void encode(const EventPtr& event, LiveChunk& out) const = 0;
};

}  // namespace headwater
