#include "tests/support/rabbit_queue.hpp"

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace headwater::testing {
namespace {

amqp_bytes_t bytes_of(const std::string& text) {
    return {text.size(), const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

std::string header_of(const amqp_basic_properties_t& properties, const std::string& name) {
    if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) == 0) return {};
    for (int i = 0; i < properties.headers.num_entries; ++i) {
        const amqp_table_entry_t& entry = properties.headers.entries[i];
        if (text_of(entry.key) == name) return text_of(entry.value.value.bytes);
    }
    return {};
}

}  // namespace

/// The tests' own, over rabbitmq-c: the sink's connection only publishes.
struct RabbitQueue::Connection {
    explicit Connection(const std::string& url) : state(amqp_new_connection()) {
        std::vector<char> text(url.begin(), url.end());
        text.push_back('\0');
        amqp_connection_info to;
        amqp_default_connection_info(&to);
        amqp_parse_url(text.data(), &to);
        amqp_socket_t* socket = amqp_tcp_socket_new(state);
        if (amqp_socket_open(socket, to.host, to.port) != AMQP_STATUS_OK)
            throw std::runtime_error("no broker");
        check(amqp_login(state, to.vhost, 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, to.user,
                         to.password));
        amqp_channel_open(state, 1);
        check();
    }
    ~Connection() { amqp_destroy_connection(state); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void check() const { check(amqp_get_rpc_reply(state)); }
    static void check(const amqp_rpc_reply_t& reply) {
        if (reply.reply_type != AMQP_RESPONSE_NORMAL)
            throw std::runtime_error("the broker refused a test's call");
    }

    amqp_connection_state_t state;
};

RabbitQueue::RabbitQueue(const std::string& url, std::string exchange, Limit limit)
    : connection_(std::make_unique<Connection>(url)), exchange_(std::move(exchange)) {
    amqp_exchange_declare(connection_->state, 1, bytes_of(exchange_), amqp_cstring_bytes("topic"), 0, 1, 0, 0,
                          amqp_empty_table);
    connection_->check();
    std::array<amqp_table_entry_t, 2> arguments{};
    arguments[0].key = amqp_cstring_bytes("x-max-length");
    arguments[0].value.kind = AMQP_FIELD_KIND_I32;
    arguments[0].value.value.i32 = 1;
    arguments[1].key = amqp_cstring_bytes("x-overflow");
    arguments[1].value.kind = AMQP_FIELD_KIND_UTF8;
    arguments[1].value.value.bytes = amqp_cstring_bytes("reject-publish");
    const amqp_table_t table{limit == Limit::none ? 0 : 2, arguments.data()};
    amqp_queue_declare(connection_->state, 1, bytes_of(exchange_), 0, 1, 0, 0, table);
    connection_->check();
}

RabbitQueue::~RabbitQueue() = default;

void RabbitQueue::bind(const std::string& key) {
    amqp_queue_bind(connection_->state, 1, bytes_of(exchange_), bytes_of(exchange_), bytes_of(key),
                    amqp_empty_table);
    connection_->check();
}

void RabbitQueue::unbind(const std::string& key) {
    amqp_queue_unbind(connection_->state, 1, bytes_of(exchange_), bytes_of(exchange_), bytes_of(key),
                      amqp_empty_table);
    connection_->check();
}

void RabbitQueue::delete_exchange() {
    amqp_exchange_delete(connection_->state, 1, bytes_of(exchange_), 0);
    connection_->check();
}

const std::vector<RabbitMessage>& RabbitQueue::messages() {
    amqp_connection_state_t state = connection_->state;
    while (true) {
        amqp_maybe_release_buffers(state);
        const amqp_rpc_reply_t reply = amqp_basic_get(state, 1, bytes_of(exchange_), 1);
        Connection::check(reply);
        if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return messages_;
        RabbitMessage message;
        message.routing_key = text_of(static_cast<amqp_basic_get_ok_t*>(reply.reply.decoded)->routing_key);
        amqp_message_t content;
        Connection::check(amqp_read_message(state, 1, &content, 0));
        message.body = text_of(content.body);
        message.content_type = text_of(content.properties.content_type);
        message.message_id = text_of(content.properties.message_id);
        message.type = text_of(content.properties.type);
        message.delivery_mode = content.properties.delivery_mode;
        message.replay = header_of(content.properties, "Headwater-Replay");
        amqp_destroy_message(&content);
        messages_.push_back(std::move(message));
    }
}

}  // namespace headwater::testing
