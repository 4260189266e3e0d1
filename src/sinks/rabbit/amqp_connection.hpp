#pragma once

#include <amqp.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace headwater::sinks {

/// The broker, or the way to it, failed. what() is one sentence for the operator, without addresses or
/// library text.
class AmqpError : public std::runtime_error {
  public:
    enum class Scope { channel, connection };
    AmqpError(Scope scope, int reply_code, std::string reply_text, const std::string& sentence)
        : std::runtime_error(sentence),
          scope_(scope),
          reply_code_(reply_code),
          reply_text_(std::move(reply_text)) {}
    [[nodiscard]] Scope scope() const { return scope_; }
    [[nodiscard]] int reply_code() const { return reply_code_; }  ///< AMQP's own; 0 when the network failed
    [[nodiscard]] const std::string& reply_text() const {
        return reply_text_;
    }  ///< the broker's words, for the log

  private:
    Scope scope_;
    int reply_code_;
    std::string reply_text_;
};

/// One AMQP 0-9-1 connection: rabbitmq-c's state with an owner. Every call has a deadline but publish(),
/// which may block while the broker does not read: guard it with a SocketWatchdog. Heartbeats need
/// read_frame() every few seconds. One thread.
class AmqpConnection {
  public:
    static constexpr std::chrono::seconds kConnectTimeout{3};
    static constexpr std::chrono::seconds kLoginTimeout{4};
    static constexpr std::chrono::seconds kCallTimeout{8};

    /// Connects and logs in; `vhost` "" takes the URL's. Throws AmqpError (scope connection).
    AmqpConnection(const std::string& url, const std::string& vhost, std::chrono::seconds heartbeat);
    ~AmqpConnection();
    AmqpConnection(const AmqpConnection&) = delete;
    AmqpConnection& operator=(const AmqpConnection&) = delete;

    void open_channel(amqp_channel_t channel);
    void select_confirms(amqp_channel_t channel);
    /// Declares the exchange durable; one that is there with the same properties is left alone.
    void declare_exchange(amqp_channel_t channel, const std::string& name, const std::string& type);
    void publish(amqp_channel_t channel, const std::string& exchange, const std::string& routing_key,
                 bool is_mandatory, const amqp_basic_properties_t& properties, std::string_view body);
    /// From here until release_packets() what is published waits until it fills a packet, or for 200 ms.
    void hold_packets();
    void release_packets();
    void close_channel(amqp_channel_t channel);
    /// Answers a channel.close of the broker.
    void confirm_channel_closed(amqp_channel_t channel);

    /// The next frame, if one has come; valid until release_buffers(). Serves heartbeats.
    [[nodiscard]] bool read_frame(amqp_frame_t& frame);
    void release_buffers() { amqp_maybe_release_buffers(state_.get()); }
    /// Says goodbye, within 2 s. The destructor alone just drops the connection.
    void close();

    [[nodiscard]] int socket() const { return amqp_get_sockfd(state_.get()); }
    [[nodiscard]] int max_channels() const { return amqp_get_channel_max(state_.get()); }

  private:
    struct Destroy {
        void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
    };
    using State = std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, Destroy>;

    void connect(const amqp_connection_info& to, const std::string& ca_file);
    void log_in(const amqp_connection_info& to, const std::string& vhost, std::chrono::seconds heartbeat);
    void set_call_timeout(std::chrono::seconds timeout);
    void check_call(const char* what);
    void set_cork(int value);

    State state_;
};

/// The numbers and words of a channel.close or connection.close, as an error.
[[nodiscard]] AmqpError to_error(const amqp_channel_close_t& close);
[[nodiscard]] AmqpError to_error(const amqp_connection_close_t& close);

}  // namespace headwater::sinks
