#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "core/json_schema.hpp"
#include "core/registry_store.hpp"

namespace headwater::testing {

/// The registry in memory, by PostgreSQL's rules as far as the HTTP side can tell. Thread-safe.
class MemoryRegistryStore final : public RegistryStore {
  public:
    /// While set, every call throws Unavailable.
    void set_away(bool away) {
        const std::lock_guard lock(mutex_);
        is_away_ = away;
    }

    RegistrySnapshot load() override {
        const std::lock_guard lock(mutex_);
        check();
        return snapshot_;
    }

    std::int64_t generation() override {
        const std::lock_guard lock(mutex_);
        check();
        return snapshot_.generation;
    }

    std::expected<RegistrationResult, Refusal> put(const Registration& wanted) override {
        const std::lock_guard lock(mutex_);
        check();
        auto found = find(wanted.type);
        RegistrationResult result;
        result.is_new = found == snapshot_.types.end();
        if (!is_match(wanted.if_match, result.is_new ? 0 : (*found)->version)) return other_version();
        auto type = std::make_shared<EventType>(result.is_new ? EventType{} : **found);
        type->name = wanted.type;
        if (wanted.retention) type->retention = *wanted.retention;
        if (wanted.schema_text) type->schema_text = *wanted.schema_text;
        if (!type->schema_text.empty()) type->schema = *JsonSchema::compile(type->schema_text);
        result.is_changed = result.is_new || type->retention != (*found)->retention ||
                            type->schema_text != (*found)->schema_text || wanted.streams;
        if (result.is_new) {
            type->id = TypeId{static_cast<std::int64_t>(snapshot_.types.size()) + 1};
            snapshot_.types.push_back(type);
        } else if (result.is_changed) {
            ++type->version;
            *found = type;
        }
        if (wanted.streams) store_streams(wanted, result);
        for (const Stream& stream : snapshot_.streams) {
            if (stream.owner_type == wanted.type) result.streams.push_back(stream);
        }
        result.type = *type;
        ++snapshot_.generation;
        return result;
    }

    std::expected<std::vector<Stream>, Refusal> remove_type(std::string_view type,
                                                            std::optional<std::int64_t> if_match) override {
        const std::lock_guard lock(mutex_);
        check();
        const auto found = find(type);
        if (found == snapshot_.types.end())
            return std::unexpected(Refusal{Refusal::Kind::not_found, "No such type."});
        if (!is_match(if_match, (*found)->version)) return other_version();
        snapshot_.types.erase(found);
        ++snapshot_.generation;
        return take_streams([&](const Stream& stream) { return stream.owner_type == type; });
    }

    std::expected<Stream, Refusal> put_stream(std::string_view owner, const StreamDefinition& definition,
                                              std::optional<std::int64_t> if_match) override {
        const std::lock_guard lock(mutex_);
        check();
        ++snapshot_.generation;
        for (Stream& stream : snapshot_.streams) {
            if (stream.owner_type != owner || stream.definition.name != definition.name) continue;
            if (!is_match(if_match, stream.version)) return other_version();
            stream.definition = definition;
            ++stream.version;
            return stream;
        }
        return add_stream(std::string(owner), definition);
    }

    std::expected<Stream, Refusal> remove_stream(StreamId id) override {
        const std::lock_guard lock(mutex_);
        check();
        auto removed = take_streams([&](const Stream& stream) { return stream.id == id; });
        if (removed.empty()) return std::unexpected(Refusal{Refusal::Kind::not_found, "No such stream."});
        ++snapshot_.generation;
        return removed.front();
    }

    std::expected<Stream, Refusal> set_paused(StreamId id, bool paused) override {
        const std::lock_guard lock(mutex_);
        check();
        const auto found = std::ranges::find(snapshot_.streams, id, &Stream::id);
        if (found == snapshot_.streams.end())
            return std::unexpected(Refusal{Refusal::Kind::not_found, "No such stream."});
        found->is_paused = paused;
        ++snapshot_.generation;
        return *found;
    }

    std::int64_t lag_events(const Stream&) override { return lag_; }
    /// What every stream has left to deliver.
    void set_lag(std::int64_t events) { lag_ = events; }

  private:
    void check() const {
        if (is_away_) throw Unavailable("the memory registry was told to be away");
    }
    static bool is_match(std::optional<std::int64_t> if_match, std::int64_t stored) {
        return !if_match || (stored > 0 && (*if_match == 0 || *if_match == stored));
    }
    static std::unexpected<Refusal> other_version() {
        return std::unexpected(Refusal{Refusal::Kind::precondition_failed, "Another version is stored."});
    }
    std::vector<EventTypePtr>::iterator find(std::string_view name) {
        return std::ranges::find_if(snapshot_.types,
                                    [&](const EventTypePtr& type) { return type->name == name; });
    }
    Stream& add_stream(std::string owner, const StreamDefinition& definition) {
        Stream stream;
        stream.id = StreamId{++last_stream_};
        stream.owner_type = std::move(owner);
        stream.definition = definition;
        stream.start = definition.start.after;
        return snapshot_.streams.emplace_back(std::move(stream));
    }
    template <class Predicate>
    std::vector<Stream> take_streams(Predicate is_taken) {
        std::vector<Stream> taken;
        std::erase_if(snapshot_.streams, [&](const Stream& stream) {
            if (!is_taken(stream)) return false;
            taken.push_back(stream);
            return true;
        });
        return taken;
    }
    void store_streams(const Registration& wanted, RegistrationResult& result) {
        const auto is_wanted = [&](const Stream& stream) {
            return std::ranges::any_of(*wanted.streams, [&](const auto& definition) {
                return definition.name == stream.definition.name;
            });
        };
        result.removed = take_streams(
            [&](const Stream& stream) { return stream.owner_type == wanted.type && !is_wanted(stream); });
        for (const StreamDefinition& definition : *wanted.streams) {
            const auto found = std::ranges::find_if(snapshot_.streams, [&](const Stream& stream) {
                return stream.owner_type == wanted.type && stream.definition.name == definition.name;
            });
            if (found == snapshot_.streams.end()) {
                add_stream(wanted.type, definition);
            } else {
                found->definition = definition;
            }
        }
    }

    std::mutex mutex_;
    RegistrySnapshot snapshot_;     // guarded by mutex_
    std::int64_t last_stream_ = 0;  // guarded by mutex_
    bool is_away_ = false;          // guarded by mutex_
    std::atomic<std::int64_t> lag_{0};
};

}  // namespace headwater::testing
