#include "sinks/acl/acl_transfer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/log.hpp"

namespace headwater::sinks {
namespace {

/// RFC 3986 section 2.3: everything but the unreserved characters; a lone "." or ".." is no step in a path.
std::string encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const bool is_dots = text == "." || text == "..";
    std::string out;
    for (const char c : text) {
        const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                   (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '~' ||
                                   (c == '.' && !is_dots);
        if (is_unreserved) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    return out;
}

}  // namespace

std::string acl_address(const RoomQuestion& question) {
    return question.acl_url + "/acl/" + encode(question.room.space) + "/" + encode(question.room.room) + "/" +
           encode(question.user);
}

RoomVerdict verdict_of(long status) {
    switch (status) {
        case 200:
        case 204:
            return RoomVerdict::allowed;
        case 401:
        case 403:
            return RoomVerdict::denied;
        case 404:
            return RoomVerdict::unknown_room;
        default:
            return RoomVerdict::failed;
    }
}

AclTransfer::AclTransfer(CurlEasy easy, AclTask task, const AddressGuard& guard)
    : easy_(std::move(easy)), task_(std::move(task)), reach_(guard), address_(acl_address(task_.question)) {
    curl_easy_reset(easy_.get());
    set_options();
}

void AclTransfer::set_options() {
    CURL* easy = easy_.get();
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(task_.deadline - std::chrono::steady_clock::now());
    set_option(easy, CURLOPT_URL, address_.c_str());
    set_option(easy, CURLOPT_HTTPGET, 1L);
    set_option(easy, CURLOPT_PATH_AS_IS, 1L);
    set_option(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set_option(easy, CURLOPT_USERAGENT, "Headwater");
    set_option(easy, CURLOPT_WRITEFUNCTION, &on_body);
    set_option(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
    reach_.limit(easy, std::max(left, std::chrono::milliseconds(1)));
}

CurlEasy AclTransfer::finish(CURLcode code) {
    const long status = status_of(easy_.get());
    const bool is_cut_off = code == CURLE_WRITE_ERROR && response_size_ > kMaxResponseRead;
    const bool has_answer = code == CURLE_OK || is_cut_off;
    const RoomVerdict verdict = has_answer ? verdict_of(status) : RoomVerdict::failed;
    if (verdict == RoomVerdict::failed) log_failure(code, status);
    task_.done(verdict);
    return std::move(easy_);
}

void AclTransfer::log_failure(CURLcode code, long status) const {
    log::warn(
        "room.acl_failed",
        {{"namespace", task_.question.room.space}, {"status", status}, {"reason", reach_.sentence_of(code)}});
}

CurlEasy AclTransfer::abandon(const std::string& reason) {
    abandon(std::move(task_), reason);
    return std::move(easy_);
}

void AclTransfer::abandon(AclTask task, const std::string& /*reason*/) {
    task.done(RoomVerdict::failed);
}

std::size_t AclTransfer::on_body(char* /*bytes*/, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<AclTransfer*>(self);
    transfer->response_size_ += size * count;
    return transfer->response_size_ > kMaxResponseRead ? 0 : size * count;
}

}  // namespace headwater::sinks
