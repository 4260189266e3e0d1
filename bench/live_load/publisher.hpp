#pragma once

#include <cstdint>
#include <string>

#include "loop.hpp"
#include "socket.hpp"

namespace headwater::bench {

/// What all publishers of a run share: the one request, and how many may still be sent.
struct Publishing {
    std::uint16_t port = 0;
    bool is_secure = false;      ///< https
    std::string request;         ///< the whole of it, head and body
    std::uint64_t allowed = 0;   ///< requests that may still be begun
    std::uint64_t answered = 0;  ///< 2xx
    std::uint64_t refused = 0;   ///< anything else, and broken connections
    std::string first_refusal;   ///< how its answer begins
};

/// One keep-alive connection that sends the request, waits for the answer, and sends the next one as long as
/// that is allowed.
class Publisher final : public Loop::Watcher {
  public:
    Publisher(Loop& loop, Publishing& publishing);
    void on_ready(std::uint32_t events) override;
    /// Sends if it is waiting for nothing and sending is allowed; false when it could not.
    bool try_send();

  private:
    enum class State { connecting, idle, waiting, ended };
    /// The length of the answer that stands in answer_; 0 while it is not complete.
    [[nodiscard]] std::size_t size_of_answer() const;
    void fail();

    Loop& loop_;
    Publishing& publishing_;
    Socket socket_;
    State state_ = State::connecting;
    std::string answer_;
};

/// A POST of the body as application/json.
[[nodiscard]] std::string post_request(const std::string& target, const std::string& body);

}  // namespace headwater::bench
