#include "ws/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <array>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>

namespace headwater::ws {
namespace {

namespace http = boost::beast::http;
using http::field;

constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kBadRequest =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kUpgradeRequired =
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Content-Length: 0\r\nConnection: Upgrade, close\r\n\r\n";

// The base64 of 16 bytes: 22 characters and two of padding.
bool is_key(std::string_view key) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key.size() == 24 && key.ends_with("==") && key.find_first_not_of(kAlphabet) == 22;
}

bool has_token(std::string_view list, std::string_view token) {
    return http::token_list(list).exists(token);
}

}  // namespace

std::string websocket_accept_of(std::string_view key) {
    const std::string text = std::string(key) + std::string(kKeySuffix);
    std::array<unsigned char, 20> hash{};
    EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
    std::array<unsigned char, 29> base64{};
    const int size = EVP_EncodeBlock(base64.data(), hash.data(), static_cast<int>(hash.size()));
    return {base64.begin(), base64.begin() + size};
}

std::string refuse_handshake(const HttpRequest& request) {
    if (!has_token(request[field::upgrade], "websocket") ||
        !has_token(request[field::connection], "upgrade")) {
        return std::string(kUpgradeRequired);
    }
    if (request[field::sec_websocket_version] != "13") return std::string(kUpgradeRequired);
    const bool is_valid = request.method() == http::verb::get && request.version() >= 11 &&
                          is_key(request[field::sec_websocket_key]) &&
                          request.count(field::sec_websocket_key) == 1;
    return is_valid ? "" : std::string(kBadRequest);
}

std::string accept_handshake(const HttpRequest& request, std::string_view request_id,
                             std::string_view head_fields) {
    std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    head += "Sec-WebSocket-Accept: " + websocket_accept_of(request[field::sec_websocket_key]) + "\r\n";
    head += "X-Request-Id: " + std::string(request_id) + "\r\n" + std::string(head_fields) + "\r\n";
    return head;
}

}  // namespace headwater::ws
