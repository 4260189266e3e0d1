#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/live_hub.hpp"
#include "ws/live_options.hpp"
#include "ws/room_feeds.hpp"
#include "ws/session.hpp"
#include "ws/timer_wheel.hpp"

namespace headwater::ws {

/// The live connections of one io thread: who has something to write, who is due, who is to be closed. All on
/// that thread.
class SessionShard : public std::enable_shared_from_this<SessionShard> {
  public:
    SessionShard(boost::asio::io_context& context, LiveShard& live, const LiveOptions& options,
                 Metrics& metrics, std::atomic<std::size_t>& connections, LoadRooms load_rooms);
    ~SessionShard();
    SessionShard(const SessionShard&) = delete;
    SessionShard& operator=(const SessionShard&) = delete;

    template <class SessionType>
    void accept(Arrival arrival, std::string_view head) {
        open(std::make_shared<SessionType>(*this, ++last_id_, arrival), head, arrival);
    }
    /// Ends everybody, a batch at a time, and turns away whoever comes later.
    void stop();
    /// Ends those whose keys are no longer good, and those that came without one, unless none is needed.
    void end_unwelcome(bool is_server_open);
    /// Closes whoever is left, at once.
    void close_all();

    /// The session's flush() is called in one of the next turns.
    void mark(Session& session);
    void schedule(Session& session, Session::Time due);
    /// It has begun to close: it no longer counts as a live connection.
    void ended(const Session& session, std::string_view reason);
    /// Its socket is closed. The caller holds the session.
    void drop(const Session& session);

    [[nodiscard]] LiveShard& live() { return live_; }
    [[nodiscard]] const std::shared_ptr<RoomFeeds>& rooms() const { return rooms_; }
    /// Brings work from other threads to this one.
    [[nodiscard]] LiveExecutor executor() const;
    [[nodiscard]] const LiveOptions& options() const { return options_; }
    [[nodiscard]] Session::Time now() const { return now_; }
    /// How exact on_tick() is.
    [[nodiscard]] std::chrono::nanoseconds tick_length() const { return tick_; }
    [[nodiscard]] std::array<char, 64 << 10>& input_buffer() { return input_buffer_; }
    [[nodiscard]] std::chrono::milliseconds draw_retry();

  private:
    static constexpr std::size_t kFlushesPerTurn = 256;

    void open(std::shared_ptr<Session> session, std::string_view head, const Arrival& arrival);
    void schedule_sweep();
    void post_flush();
    void flush_some();
    void end_sweep();
    void start_ticking();
    void tick();
    void stop_some();

    boost::asio::io_context& context_;
    LiveShard& live_;
    const std::shared_ptr<RoomFeeds> rooms_;  ///< a session may outlive this shard
    const LiveOptions& options_;
    Metrics& metrics_;
    std::atomic<std::size_t>& connections_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Session>> sessions_;
    std::uint64_t last_id_ = 0;
    std::vector<std::shared_ptr<Session>> marked_;
    bool is_sweep_scheduled_ = false;  ///< or under way
    std::size_t flushed_ = 0;          ///< of marked_, in this sweep
    std::size_t sweep_size_ = 0;       ///< those marked later wait for the next one
    Session::Time sweep_began_;
    Session::Time next_sweep_;
    bool is_ticking_ = false;
    bool is_stopping_ = false;
    std::vector<std::uint64_t> to_stop_;
    std::size_t stop_batch_ = 0;
    const std::chrono::nanoseconds tick_;
    TimerWheel wheel_;
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer sweep_timer_;
    boost::asio::steady_timer stop_timer_;
    Session::Time now_;
    std::minstd_rand random_{std::random_device{}()};
    std::array<char, 64 << 10> input_buffer_{};  ///< shared: a read is dealt with before the next one
};

}  // namespace headwater::ws
