#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <span>
#include <vector>

#include "core/live_chunk.hpp"

namespace headwater::ws {

/// The chunks that one connection has still to write, in order, and how far they came. One thread. Its bound
/// is its owner's business: see backlog().
class ChunkQueue {
  public:
    /// The bytes of the first chunks, as many runs as one call of the kernel takes. Valid until the queue
    /// changes.
    class Runs {
      public:
        [[nodiscard]] std::span<const boost::asio::const_buffer> all() const {
            return {runs_.data(), count_};
        }

      private:
        friend class ChunkQueue;
        std::array<boost::asio::const_buffer, 64> runs_;
        std::size_t count_ = 0;
    };

    explicit ChunkQueue(Position sent = {}) : sent_(sent) {}

    void push(LiveChunkPtr chunk);
    /// The same for a page of history, which does not count in backlog().
    void push_history(LiveChunkPtr chunk);
    [[nodiscard]] Runs front() const;
    /// The first `written` bytes have gone.
    void consume(std::size_t written);
    /// Keeps only a chunk that is written in part, so that the peer can read on to what follows.
    void drop_unbegun();
    void clear() { *this = ChunkQueue(sent_); }
    /// The peer begins with this cursor.
    void begin_at(Position cursor) { sent_ = cursor; }

    [[nodiscard]] bool empty() const { return chunks_.empty(); }
    /// Bytes that are not written, but for those of history.
    [[nodiscard]] std::size_t backlog() const { return bytes_ - history_bytes_; }
    /// The cursor of what was written, a chunk that has begun included: it will arrive.
    [[nodiscard]] Position cursor() const;

  private:
    std::vector<LiveChunkPtr> chunks_;
    std::size_t front_written_ = 0;  ///< bytes of the first chunk
    std::size_t bytes_ = 0;          ///< not yet written
    std::size_t history_bytes_ = 0;  ///< of them; at most one page
    Position sent_;                  ///< the cursor of the chunks that were written whole
};

}  // namespace headwater::ws
