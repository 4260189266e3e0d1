#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/live_request.hpp"
#include "core/live_subscription.hpp"
#include "transport/connection.hpp"
#include "ws/arrival.hpp"
#include "ws/chunk_queue.hpp"

namespace headwater::ws {

class SessionShard;

/// Why the server ends a connection that has done nothing wrong by the protocol.
enum class Farewell { slow_consumer, restart, unavailable, overloaded, unwelcome };

/// One live connection: its transport, the bounded queue of what is to be written, and its deadlines. The
/// shard and Asio's pending operations own it; everything runs on its shard's thread. Chunks are written in
/// order, all that is pending with one call.
class Session : public LiveSubscriber, public std::enable_shared_from_this<Session> {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// Takes the arrival's connection and place.
    Session(SessionShard& shard, std::uint64_t id, Arrival& arrival);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Writes the head and begins the subscription; `early` is what the client sent behind its request.
    void start(std::string_view head, const LiveRequest& request, std::string_view early);
    /// Writes the head, says why there is nothing behind it, and ends.
    void turn_away(std::string_view head, Farewell why);
    /// Writes what is pending and does what follows from how far it came.
    void flush();
    /// Deals with what is due and says when to come again.
    [[nodiscard]] Time on_tick(Time now);
    /// Says why, then closes. Without effect when it is closing already.
    void end(Farewell why);
    /// Its key is no longer good or, opened while none was needed, one is needed now.
    [[nodiscard]] bool is_unwelcome(bool is_server_open) const;
    /// The same in one of the next turns: for calls that must not end it at once.
    void end_soon(Farewell why);
    /// Closes at once, without a word.
    void close(std::string_view reason);

    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] bool is_one_too_many() const { return place_.is_one_too_many(); }
    [[nodiscard]] virtual std::string_view kind() const = 0;

    void deliver(const LiveChunkPtr& chunk) final;
    void deliver_history(const LiveChunkPtr& chunk) final;
    [[nodiscard]] bool is_drained() const final { return is_open() && !pending_end_ && is_all_written(); }
    void history_failed() final;
    void begin(const LiveStart& start) final;

    bool is_marked = false;  ///< the shard's: it stands in the list of those to be flushed
    Time scheduled{};        ///< the shard's: the one valid entry of its wheel

  protected:
    [[nodiscard]] bool is_open() const { return phase_ == Phase::open; }
    [[nodiscard]] SessionShard& shard() { return shard_; }
    [[nodiscard]] LiveSubscription* subscription() { return subscription_.get(); }
    /// Nothing is sent, and nothing but a key listened to, before one was shown.
    [[nodiscard]] bool awaits_key() const { return waiting_ != nullptr; }
    /// Begins the subscription if the key allows it; else why it does not, in one sentence.
    [[nodiscard]] std::expected<void, std::string> show_key(std::string_view credential);
    void set_subscription(std::unique_ptr<LiveSubscription> subscription) {
        subscription_ = std::move(subscription);
    }
    /// Makes the subscription and starts it, now or later.
    virtual void subscribe(const LiveRequest& request);
    /// Queues something that is no event.
    void send(LiveChunk chunk);
    /// Nothing but `last` follows what is being written now; then the connection ends.
    void finish(LiveChunk last, std::string_view reason);
    /// Sends a frame that carries the cursor and nothing else.
    void send_cursor();
    /// The peer has agreed to the end: nothing more is awaited.
    void peer_has_closed();

    [[nodiscard]] virtual const LiveEncoder& encoder() const = 0;
    [[nodiscard]] virtual LiveChunk start_frame(const LiveStart& start) const = 0;
    [[nodiscard]] virtual LiveChunk cursor_frame(Position cursor) const = 0;
    [[nodiscard]] virtual LiveChunk farewell(Farewell why, Position cursor) = 0;
    virtual void on_input(std::string_view bytes) = 0;
    /// The protocol's own heartbeat; returns when it wants to be asked again.
    [[nodiscard]] virtual Time on_heartbeat(Time now) = 0;

  private:
    /// open: events flow; closing: the last words are being written; parting: they are, and the peer's are
    /// awaited; lingering: our side is shut, the peer's end of stream is awaited so that no reset overtakes
    /// our last bytes.
    enum class Phase { open, closing, parting, lingering, closed };

    void admit(const LiveRequest& request);
    void begin_push();
    void write_pending();
    void wait_until_writable();
    void begin_reading();
    void wait_for_input();
    void read_soon();
    void read_input();
    void after_last_word();
    void linger();
    void leave(std::string_view reason);
    /// By the kernel too: TLS may hold what the socket did not take.
    [[nodiscard]] bool is_all_written() const { return queue_.empty() && !connection_.has_unsent(); }
    [[nodiscard]] virtual bool awaits_peer() const { return false; }

    SessionShard& shard_;
    transport::Connection connection_;
    const ConnectionLimits::Place place_;
    const std::uint64_t id_;
    std::unique_ptr<LiveSubscription> subscription_;
    AccessPtr access_;                      ///< null: it was opened while no key was needed
    bool needs_no_key_ = false;             ///< it was opened by something else
    std::unique_ptr<LiveRequest> waiting_;  ///< until a key was shown, which must come by key_deadline_
    Time key_deadline_{};

    ChunkQueue queue_;  ///< bounded: see LiveOptions::live_buffer_bytes
    bool has_begun_ = false;

    Phase phase_ = Phase::open;
    bool is_waiting_to_write_ = false;
    bool is_broken_ = false;
    std::optional<Farewell> pending_end_;
    Time deadline_{};       ///< of closing, parting and lingering
    Time last_event_at_{};  ///< when something with a cursor was last queued
    Time progress_at_{};    ///< when the socket last took something, or the queue was empty
};

}  // namespace headwater::ws
