#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/event_log.hpp"
#include "core/feed.hpp"
#include "core/registry_store.hpp"
#include "core/time.hpp"

namespace headwater::bench {

/// A log that gives out ids and stores nothing: what is left of intake is everything but PostgreSQL. The
/// appender's thread writes; reads find nothing.
class NullLog final : public LogWriter, public LogReader {
  public:
    AppendResult append(const AppendBatch& batch) override {
        const Timestamp now = clock_.now();
        AppendResult result{head_, now, now, {}};
        result.events.reserve(batch.events.size());
        for (std::size_t i = 0; i < batch.events.size(); ++i) {
            head_.value += 1;
            result.events.push_back({Appended::Outcome::stored, head_, now});
        }
        return result;
    }

    LogPage read(const LogRead&) override { return {}; }
    std::optional<EventPtr> find(EventId) override { return std::nullopt; }
    Cursor cursor_at(Position position) override { return {position, Timestamp{}}; }
    LogHead head() override { return {}; }
    LogHead advance_clock() override { return {}; }

  private:
    SystemClock clock_;
    Position head_;
};

/// A registry that holds one type and never changes.
class OneType final : public RegistryStore {
  public:
    explicit OneType(std::string name) {
        auto type = std::make_shared<EventType>();
        type->id = TypeId{1};
        type->name = std::move(name);
        snapshot_ = {1, {std::move(type)}, {}};
    }

    RegistrySnapshot load() override { return snapshot_; }
    std::int64_t generation() override { return snapshot_.generation; }
    std::expected<RegistrationResult, Refusal> put(const Registration&) override { return refuse(); }
    std::expected<std::vector<Stream>, Refusal> remove_type(std::string_view,
                                                            std::optional<std::int64_t>) override {
        return refuse();
    }
    std::expected<Stream, Refusal> put_stream(std::string_view, const StreamDefinition&,
                                              std::optional<std::int64_t>) override {
        return refuse();
    }
    std::expected<Stream, Refusal> remove_stream(StreamId) override { return refuse(); }
    std::expected<Stream, Refusal> set_paused(StreamId, bool) override { return refuse(); }
    std::vector<StreamId> save_cursors(std::span<const CursorUpdate>) override { return {}; }
    std::int64_t lag_events(const Stream&) override { return 0; }

  private:
    static std::unexpected<Refusal> refuse() {
        return std::unexpected(Refusal{Refusal::Kind::conflict, "Nothing can be registered here."});
    }

    RegistrySnapshot snapshot_;
};

class NoFeeds final : public FeedReader {
  public:
    FeedPage page(const FeedQuery&) override { return {}; }
    FeedNeighbours neighbours(const FeedQuery&) override { return {}; }
};

class NoAcks final : public AckStore {
  public:
    void apply(std::span<const Acknowledgement* const>) override {}
    bool forget(std::string_view) override { return false; }
};

}  // namespace headwater::bench
