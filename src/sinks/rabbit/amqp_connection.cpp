#include "sinks/rabbit/amqp_connection.hpp"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <utility>
#include <vector>

#include "sinks/rabbit/rabbit_url.hpp"

namespace headwater::sinks {
namespace {

using Scope = AmqpError::Scope;

amqp_bytes_t bytes_of(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};  // rabbitmq-c only reads it
}

std::string text_of(amqp_bytes_t bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

AmqpError network_error(int status, const char* what) {
    return {Scope::connection, 0, fmt::format("{}: {}", what, amqp_error_string2(status)),
            "The connection to the broker was lost."};
}

AmqpError reply_error(Scope scope, int code, std::string text) {
    std::string sentence = fmt::format("The broker refused (AMQP {}).", code);
    if (code == AMQP_ACCESS_REFUSED) sentence = "The broker does not allow this user to do that (AMQP 403).";
    if (code == AMQP_NOT_FOUND) sentence = "The exchange does not exist (AMQP 404).";
    if (code == AMQP_CONNECTION_FORCED) sentence = "The broker is shutting down (AMQP 320).";
    if (code == AMQP_NOT_ALLOWED) sentence = "The broker has no such vhost for this user (AMQP 530).";
    return {scope, code, std::move(text), sentence};
}

timeval to_timeval(std::chrono::seconds time) {
    return {.tv_sec = time.count(), .tv_usec = 0};
}

}  // namespace

AmqpConnection::AmqpConnection(const std::string& url, const std::string& vhost,
                               std::chrono::seconds heartbeat)
    : state_(amqp_new_connection()) {
    if (!state_) throw std::bad_alloc();
    const auto parts = RabbitUrl::parse(url);
    const std::string address = parts ? parts->address : "";
    std::vector<char> text(address.begin(), address.end());  // the parser writes into it and points into it
    text.push_back('\0');
    amqp_connection_info to;
    amqp_default_connection_info(&to);
    if (amqp_parse_url(text.data(), &to) != AMQP_STATUS_OK) {
        throw AmqpError(Scope::connection, 0, "bad URL", "The broker's URL cannot be read.");
    }
    connect(to, parts->ca_file);
    log_in(to, vhost, heartbeat);
}

AmqpConnection::~AmqpConnection() = default;

void AmqpConnection::connect(const amqp_connection_info& to, const std::string& ca_file) {
    amqp_socket_t* socket =
        to.ssl != 0 ? amqp_ssl_socket_new(state_.get()) : amqp_tcp_socket_new(state_.get());
    if (socket == nullptr) throw std::bad_alloc();
    if (to.ssl != 0) {
        amqp_ssl_socket_set_verify_peer(socket, 1);
        amqp_ssl_socket_set_verify_hostname(socket, 1);
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
        if (amqp_ssl_socket_set_cacert(socket, ca_file.c_str()) != AMQP_STATUS_OK) {
            throw AmqpError(Scope::connection, 0, "cacertfile", "The broker's cacertfile cannot be read.");
        }
    }
    const timeval timeout = to_timeval(kConnectTimeout);
    const timeval login_timeout = to_timeval(kLoginTimeout);
    amqp_set_handshake_timeout(state_.get(), &login_timeout);
    set_call_timeout(kCallTimeout);
    const int status = amqp_socket_open_noblock(socket, to.host, to.port, &timeout);
    if (status == AMQP_STATUS_OK) return;
    if (status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED || status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED) {
        throw AmqpError(Scope::connection, 0, amqp_error_string2(status),
                        "The broker's TLS certificate cannot be verified.");
    }
    throw AmqpError(Scope::connection, 0, amqp_error_string2(status), "The broker cannot be reached.");
}

void AmqpConnection::log_in(const amqp_connection_info& to, const std::string& vhost,
                            std::chrono::seconds heartbeat) {
    const auto entry = [](const char* key, amqp_field_value_t value) {
        return amqp_table_entry_t{amqp_cstring_bytes(key), value};
    };
    amqp_field_value_t yes{};
    yes.kind = AMQP_FIELD_KIND_BOOLEAN;
    yes.value.boolean = 1;
    std::array can{entry("connection.blocked", yes), entry("publisher_confirms", yes)};
    amqp_field_value_t capabilities{};
    capabilities.kind = AMQP_FIELD_KIND_TABLE;
    capabilities.value.table = {static_cast<int>(can.size()), can.data()};
    amqp_field_value_t name{};
    name.kind = AMQP_FIELD_KIND_UTF8;
    name.value.bytes = amqp_cstring_bytes("headwater");
    std::array properties{entry("capabilities", capabilities), entry("connection_name", name)};
    const amqp_table_t table{static_cast<int>(properties.size()), properties.data()};
    std::string place = vhost.empty() ? to.vhost : vhost;
    if (place.empty()) place = "/";  // "amqp://host/": what people mean by it
    const amqp_rpc_reply_t reply = amqp_login_with_properties(
        state_.get(), place.c_str(), AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE,
        static_cast<int>(heartbeat.count()), &table, AMQP_SASL_METHOD_PLAIN, to.user, to.password);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
        throw network_error(reply.library_error, "login");
    const auto* close = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
    throw to_error(*close);
}

void AmqpConnection::open_channel(amqp_channel_t channel) {
    amqp_channel_open(state_.get(), channel);
    check_call("channel.open");
}

void AmqpConnection::select_confirms(amqp_channel_t channel) {
    amqp_confirm_select(state_.get(), channel);
    check_call("confirm.select");
}

void AmqpConnection::declare_exchange(amqp_channel_t channel, const std::string& name,
                                      const std::string& type) {
    amqp_exchange_declare(state_.get(), channel, bytes_of(name), bytes_of(type), 0, 1, 0, 0,
                          amqp_empty_table);
    check_call("exchange.declare");
}

void AmqpConnection::publish(amqp_channel_t channel, const std::string& exchange,
                             const std::string& routing_key, bool is_mandatory,
                             const amqp_basic_properties_t& properties, std::string_view body) {
    const int status = amqp_basic_publish(state_.get(), channel, bytes_of(exchange), bytes_of(routing_key),
                                          is_mandatory ? 1 : 0, 0, &properties, bytes_of(body));
    if (status != AMQP_STATUS_OK) throw network_error(status, "basic.publish");
}

void AmqpConnection::hold_packets() {
    set_cork(1);
}

void AmqpConnection::release_packets() {
    set_cork(0);
}

void AmqpConnection::set_cork(int value) {
    ::setsockopt(socket(), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

void AmqpConnection::close_channel(amqp_channel_t channel) {
    amqp_channel_close(state_.get(), channel, AMQP_REPLY_SUCCESS);
}

void AmqpConnection::confirm_channel_closed(amqp_channel_t channel) {
    amqp_channel_close_ok_t ok{};
    const int status = amqp_send_method(state_.get(), channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    if (status != AMQP_STATUS_OK) throw network_error(status, "channel.close-ok");
}

bool AmqpConnection::read_frame(amqp_frame_t& frame) {
    const timeval none{};
    const int status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &none);
    if (status == AMQP_STATUS_OK) return true;
    if (status == AMQP_STATUS_TIMEOUT) return false;
    throw network_error(status, "read");
}

void AmqpConnection::close() {
    set_call_timeout(std::chrono::seconds(2));
    amqp_connection_close(state_.get(), AMQP_REPLY_SUCCESS);
}

void AmqpConnection::set_call_timeout(std::chrono::seconds timeout) {
    const timeval value = to_timeval(timeout);
    amqp_set_rpc_timeout(state_.get(), &value);
}

void AmqpConnection::check_call(const char* what) {
    const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state_.get());
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL:
            return;
        case AMQP_RESPONSE_NONE:
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            throw network_error(reply.library_error, what);
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            break;
    }
    if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        throw to_error(*static_cast<const amqp_channel_close_t*>(reply.reply.decoded));
    }
    if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        throw to_error(*static_cast<const amqp_connection_close_t*>(reply.reply.decoded));
    }
    throw network_error(AMQP_STATUS_WRONG_METHOD, what);
}

AmqpError to_error(const amqp_channel_close_t& close) {
    return reply_error(Scope::channel, close.reply_code, text_of(close.reply_text));
}

AmqpError to_error(const amqp_connection_close_t& close) {
    if (close.reply_code == AMQP_ACCESS_REFUSED) {
        return {Scope::connection, close.reply_code, text_of(close.reply_text),
                "The broker refuses the user or the password (AMQP 403)."};
    }
    return reply_error(Scope::connection, close.reply_code, text_of(close.reply_text));
}

}  // namespace headwater::sinks
