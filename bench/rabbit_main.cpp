// What RabbitMQ takes from a program that does nothing else: rabbitmq-c, one connection, persistent and
// mandatory messages, a window of unconfirmed ones. Each command prints the seconds it took.
//   headwater_bench_rabbit PORT publish EXCHANGE COUNT WINDOW [PER_SECOND] < BODY
//                                                                      also makes the exchange and a queue of
//   its name headwater_bench_rabbit PORT await QUEUE COUNT                      until so many messages are in
//   the queue headwater_bench_rabbit PORT delete QUEUE

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr const char* kKey = "bench:behind";

amqp_bytes_t bytes_of(const std::string& text) {
    return {text.size(), const_cast<char*>(text.data())};  // rabbitmq-c only reads it
}

/// A connection with one channel, for the life of the process.
class Broker {
  public:
    explicit Broker(int port) {
        amqp_socket_t* socket = amqp_tcp_socket_new(state_);
        if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK)
            throw std::runtime_error("cannot connect");
        check(
            amqp_login(state_, "/", 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
            "login");
        amqp_channel_open(state_, kChannel);
        check("channel.open");
    }

    void make_exchange(const std::string& name) {
        amqp_exchange_declare(state_, kChannel, bytes_of(name), amqp_cstring_bytes("topic"), 0, 1, 0, 0,
                              amqp_empty_table);
        check("exchange.declare");
        amqp_queue_declare(state_, kChannel, bytes_of(name), 0, 1, 0, 0, amqp_empty_table);
        check("queue.declare");
        amqp_queue_bind(state_, kChannel, bytes_of(name), bytes_of(name), amqp_cstring_bytes("#"),
                        amqp_empty_table);
        check("queue.bind");
    }

    [[nodiscard]] long messages(const std::string& queue) {
        const auto* ok = amqp_queue_declare(state_, kChannel, bytes_of(queue), 1, 1, 0, 0, amqp_empty_table);
        check("queue.declare");
        return ok->message_count;
    }

    void delete_queue(const std::string& queue) {
        amqp_queue_delete(state_, kChannel, bytes_of(queue), 0, 0);
        check("queue.delete");
    }

    [[nodiscard]] amqp_connection_state_t state() const { return state_; }

    void check(const char* what) { check(amqp_get_rpc_reply(state_), what); }
    static void check(const amqp_rpc_reply_t& reply, const char* what) {
        if (reply.reply_type != AMQP_RESPONSE_NORMAL)
            throw std::runtime_error(fmt::format("{} failed", what));
    }

  private:
    amqp_connection_state_t state_ = amqp_new_connection();
};

/// Publishes in confirm mode and counts what is confirmed.
class Publisher {
  public:
    explicit Publisher(Broker& broker) : state_(broker.state()) {
        amqp_confirm_select(state_, kChannel);
        broker.check("confirm.select");
    }

    void publish(const std::string& exchange, const std::string& body) {
        const std::string id = std::to_string(++published_);
        amqp_basic_properties_t properties{};
        properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                            AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG |
                            AMQP_BASIC_APP_ID_FLAG;
        properties.content_type = amqp_cstring_bytes("application/json");
        properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
        properties.message_id = bytes_of(id);
        properties.timestamp = 1'517'483'521;
        properties.type = amqp_cstring_bytes(kKey);
        properties.app_id = amqp_cstring_bytes("headwater");
        if (amqp_basic_publish(state_, kChannel, bytes_of(exchange), amqp_cstring_bytes(kKey), 1, 0,
                               &properties, bytes_of(body)) != AMQP_STATUS_OK) {
            throw std::runtime_error("cannot publish");
        }
    }

    /// Takes what confirms have come, and waits for one while more than `window` are missing.
    void take_confirms(std::uint64_t window) {
        while (true) {
            const timeval none{};
            amqp_frame_t frame;
            const bool must_wait = published_ - confirmed_ > window;
            const int status = must_wait ? amqp_simple_wait_frame(state_, &frame)
                                         : amqp_simple_wait_frame_noblock(state_, &frame, &none);
            if (status == AMQP_STATUS_TIMEOUT) return;
            if (status != AMQP_STATUS_OK) throw std::runtime_error("the connection is lost");
            on_frame(frame);
            amqp_maybe_release_buffers(state_);
        }
    }

    [[nodiscard]] bool is_done() const { return confirmed_ == published_; }

  private:
    void on_frame(const amqp_frame_t& frame) {
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
            throw std::runtime_error("the broker did not confirm");
        const auto* ack = static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
        is_confirmed_.resize(published_ + 1);
        for (std::uint64_t tag = ack->multiple != 0 ? lowest_ : ack->delivery_tag; tag <= ack->delivery_tag;
             ++tag) {
            if (!is_confirmed_[tag]) ++confirmed_;
            is_confirmed_[tag] = true;
        }
        while (lowest_ <= published_ && is_confirmed_[lowest_]) ++lowest_;
    }

    amqp_connection_state_t state_;
    std::uint64_t published_ = 0;
    std::uint64_t confirmed_ = 0;
    std::vector<bool> is_confirmed_;  // by delivery tag
    std::uint64_t lowest_ = 1;        // that is not confirmed
};

/// `rate` a second, or as fast as the window allows when it is 0.
void publish(Broker& broker, const std::string& exchange, long count, std::uint64_t window, double rate) {
    const std::string body{std::istreambuf_iterator<char>(std::cin), {}};
    Publisher publisher(broker);
    const auto begin = std::chrono::steady_clock::now();
    for (long i = 0; i < count; ++i) {
        publisher.publish(exchange, body);
        if (i % 64 != 63) continue;
        publisher.take_confirms(window);
        if (rate > 0)
            std::this_thread::sleep_until(begin +
                                          std::chrono::duration<double>(static_cast<double>(i) / rate));
    }
    while (!publisher.is_done()) publisher.take_confirms(0);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    if (words.size() < 4) return 2;
    Broker broker(std::atoi(argv[1]));
    const std::string& name = words[3];
    if (words[2] == "publish") broker.make_exchange(name);
    const auto begin = std::chrono::steady_clock::now();
    if (words[2] == "publish" && (words.size() == 6 || words.size() == 7)) {
        publish(broker, name, std::atol(argv[4]), static_cast<std::uint64_t>(std::atol(argv[5])),
                words.size() == 7 ? std::atof(argv[6]) : 0);
    } else if (words[2] == "await" && words.size() == 5) {
        while (broker.messages(name) < std::atol(argv[4]))
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    } else if (words[2] == "delete") {
        broker.delete_queue(name);
    } else {
        return 2;
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    fmt::print("{:.6f}\n", spent.count());
}
