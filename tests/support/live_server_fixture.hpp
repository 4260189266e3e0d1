#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_message.hpp"
#include "tests/support/live_fixture.hpp"
#include "tests/support/sockets.hpp"
#include "ws/live_server.hpp"

namespace headwater::testing {

/// HandLog behind a lock, for readers on other threads.
class LockedLog final : public LogReader {
  public:
    EventPtr add(const std::string& type, const std::string& payload = "1", bool is_ephemeral = false) {
        const std::lock_guard lock(mutex_);
        return log_.add(type, is_ephemeral, "", payload);
    }
    LogPage read(const LogRead& what) override {
        const std::lock_guard lock(mutex_);
        return log_.read(what);
    }
    std::optional<EventPtr> find(EventId id) override {
        const std::lock_guard lock(mutex_);
        return log_.find(id);
    }
    /// How often anybody has asked.
    [[nodiscard]] std::size_t queries() {
        const std::lock_guard lock(mutex_);
        return log_.reads + log_.lookups;
    }
    void set_step(std::chrono::milliseconds step) {
        const std::lock_guard lock(mutex_);
        log_.step = step;
    }
    Cursor cursor_at(Position position) override { return {position, Timestamp{}}; }
    LogHead head() override {
        const std::lock_guard lock(mutex_);
        return log_.head();
    }
    LogHead advance_clock() override { return head(); }
    void set_away(bool is_away) {
        const std::lock_guard lock(mutex_);
        log_.is_away = is_away;
    }

  private:
    std::mutex mutex_;
    HandLog log_;
};

/// Remembers why connections were closed. Thread-safe.
class CloseCounter final : public NullMetrics {
  public:
    void live_closed(std::string_view, std::string_view reason) override {
        const std::lock_guard lock(mutex_);
        ++closed_[std::string(reason)];
    }
    [[nodiscard]] int closed(const std::string& reason) {
        const std::lock_guard lock(mutex_);
        return closed_[reason];
    }

  private:
    std::mutex mutex_;
    std::map<std::string, int> closed_;
};

/// A live server on two io threads with a tiny HTTP door in front: `GET /` with the headers X-Types, X-Since,
/// X-Named; a WebSocket when there is an Upgrade, else an event stream.
class LiveServerFixture {
  public:
    explicit LiveServerFixture(const ws::LiveOptions& options = {}, const LiveHub::Options& hub_options = {},
                               const ConnectionLimits::Bounds& bounds = {});
    ~LiveServerFixture();

    /// Stores an event and hands it on.
    EventPtr emit(const std::string& type, const std::string& payload = "1", bool is_ephemeral = false);

    LockedLog log;
    FixedClock clock;
    FixedHorizon horizon;
    CloseCounter metrics;
    WorkPool pool{"reader", 2, 100};
    ConnectionLimits limits;
    LiveHub hub;
    std::uint16_t port = 0;

  private:
    struct Door;
    std::deque<boost::asio::io_context> contexts_{2};

  public:
    ws::LiveServer server;

  private:
    std::unique_ptr<Door> door_;
    std::vector<std::jthread> threads_;
};

/// A WebSocket client that sends exactly the frames it is told to.
class RawWebSocket {
  public:
    struct Frame {
        unsigned opcode = 0;
        std::string payload;
    };
    static constexpr unsigned kText = 1, kClose = 8, kPing = 9, kPong = 10;

    RawWebSocket(std::uint16_t port, const HttpHeaders& headers = {},
                 std::chrono::milliseconds patience = std::chrono::seconds(10));

    bool send_frame(unsigned first_byte, const std::string& payload);
    bool send_text(const std::string& text) { return send_frame(0x80 | kText, text); }
    bool send_bytes(std::string_view bytes) { return send_all(socket_, bytes); }
    /// The next frame; nothing at the end of the connection or after the patience.
    [[nodiscard]] std::optional<Frame> read_frame();
    /// The next text frame's text, control frames skipped; "" when none comes.
    [[nodiscard]] std::string read_text();
    /// The code of the close frame that comes next but for data and pings; 0 when none comes. Keeps its
    /// reason.
    [[nodiscard]] unsigned read_close();
    [[nodiscard]] bool sees_end() { return reader_.sees_end(); }
    [[nodiscard]] const std::string& close_reason() const { return close_reason_; }
    [[nodiscard]] const HttpHead& head() const { return head_; }

  private:
    FileDescriptor socket_;
    HttpReader reader_;
    HttpHead head_;
    std::string close_reason_;
};

}  // namespace headwater::testing
