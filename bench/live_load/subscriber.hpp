#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "frame_reader.hpp"
#include "latencies.hpp"
#include "loop.hpp"
#include "socket.hpp"

namespace headwater::bench {

/// What all subscribers of a run add up to.
struct Received {
    std::size_t open = 0;    ///< the handshake is done (and the first frame there, where there is one)
    std::size_t failed = 0;  ///< refused, or ended before we did
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    std::uint64_t disordered = 0;  ///< events that were not the next one: lost, repeated, out of order
    std::size_t complete = 0;      ///< subscribers that have got all they expect
    std::string first_failure;     ///< one sentence
    Latencies latencies;
};

/// How a run's subscribers behave.
struct SubscriberPlan {
    std::uint16_t port = 0;
    bool is_secure = false;      ///< wss
    std::string target;          ///< of the request
    bool has_greeting = false;   ///< the server's first frame is no event but says where the stream begins
    bool reads_stamps = false;   ///< each event carries created_at: take the time from then on
    bool reads_ids = false;      ///< each event begins with its id: check the order
    std::uint64_t expected = 0;  ///< events each; 0 = any number
    std::vector<std::uint64_t> history{};  ///< ids: each resumes after one of the first `spread`, in turn …
    std::size_t spread = 1;                ///< … and expects exactly all those behind it
};

/// One WebSocket that counts.
class Subscriber final : public Loop::Watcher {
  public:
    Subscriber(Loop& loop, const SubscriberPlan& plan, std::size_t number, Received& received);
    void on_ready(std::uint32_t events) override;

  private:
    enum class State { connecting, handshaking, greeted_next, open, ended };

    void begin_handshake();
    void read();
    void take_head(std::string_view bytes);
    void take_frame(unsigned opcode, std::string_view payload);
    void take_event(std::string_view event);
    void check_order(std::string_view event);
    void become_open();
    void fail(std::string_view why);

    Loop& loop_;
    const SubscriberPlan& plan_;
    Received& received_;
    Socket socket_;
    State state_ = State::connecting;
    std::string head_;
    FrameReader frames_;
    const std::size_t start_;  ///< where its history begins, when it resumes
    std::uint64_t events_ = 0;
    std::uint64_t last_id_ = 0;
};

/// A WebSocket that says that it wants everything and then never reads.
class StalledSubscriber final : public Loop::Watcher {
  public:
    StalledSubscriber(Loop& loop, const SubscriberPlan& plan);
    void on_ready(std::uint32_t events) override;

  private:
    Loop& loop_;
    const SubscriberPlan& plan_;
    Socket socket_;
};

/// The bytes of a WebSocket handshake.
[[nodiscard]] std::string handshake(std::string_view target);

}  // namespace headwater::bench
