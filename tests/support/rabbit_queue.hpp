#pragma once

#include <memory>
#include <string>
#include <vector>

namespace headwater::testing {

/// A message as a consumer sees it.
struct RabbitMessage {
    std::string body;
    std::string routing_key;
    std::string content_type;
    std::string message_id;
    std::string type;
    int delivery_mode = 0;
    std::string replay;  ///< the header Headwater-Replay
};

/// A durable queue of the test's own, read with a connection of the test's own. Throws std::runtime_error
/// when the broker does not do as it is told. Not thread-safe.
class RabbitQueue {
  public:
    /// What the queue does with more than it may hold.
    enum class Limit { none, one_message_then_refuse };

    /// Declares the exchange (topic) and a queue of that name, not bound yet; in the URL's vhost.
    RabbitQueue(const std::string& url, std::string exchange, Limit limit = Limit::none);
    ~RabbitQueue();
    RabbitQueue(const RabbitQueue&) = delete;
    RabbitQueue& operator=(const RabbitQueue&) = delete;

    void bind(const std::string& key);
    void unbind(const std::string& key);
    void delete_exchange();
    /// Everything that has arrived since the queue was made, in order.
    const std::vector<RabbitMessage>& messages();

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
    std::string exchange_;
    std::vector<RabbitMessage> messages_;
};

}  // namespace headwater::testing
