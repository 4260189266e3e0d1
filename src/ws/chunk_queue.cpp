#include "ws/chunk_queue.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headwater::ws {

void ChunkQueue::push(LiveChunkPtr chunk) {
    bytes_ += chunk->size();
    chunks_.push_back(std::move(chunk));
}

void ChunkQueue::push_history(LiveChunkPtr chunk) {
    history_bytes_ += chunk->size();
    push(std::move(chunk));
}

ChunkQueue::Runs ChunkQueue::front() const {
    Runs runs;
    std::size_t skip = front_written_;
    for (const LiveChunkPtr& chunk : chunks_) {
        if (runs.count_ == runs.runs_.size()) break;
        chunk->for_each_piece([&](std::string_view piece) {
            const std::size_t skipped = std::min(skip, piece.size());
            skip -= skipped;
            if (skipped < piece.size())
                runs.runs_[runs.count_++] = boost::asio::buffer(piece.substr(skipped));
            return runs.count_ < runs.runs_.size();
        });
    }
    return runs;
}

void ChunkQueue::consume(std::size_t written) {
    bytes_ -= written;
    history_bytes_ -= std::min(history_bytes_, written);
    front_written_ += written;
    std::size_t done = 0;
    while (done < chunks_.size() && front_written_ >= chunks_[done]->size()) {
        front_written_ -= chunks_[done]->size();
        sent_ = std::max(sent_, chunks_[done]->upto());
        ++done;
    }
    if (done == chunks_.size()) {
        chunks_ = {};  // gives the memory back: most connections are idle
    } else {
        chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(done));
    }
}

void ChunkQueue::drop_unbegun() {
    chunks_.resize(front_written_ > 0 ? 1 : 0);
    bytes_ = chunks_.empty() ? 0 : chunks_.front()->size() - front_written_;
    history_bytes_ = 0;
}

Position ChunkQueue::cursor() const {
    return front_written_ > 0 ? std::max(sent_, chunks_.front()->upto()) : sent_;
}

}  // namespace headwater::ws
