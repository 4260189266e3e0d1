#include "sinks/acl/acl_client.hpp"

#include <curl/curl.h>

#include <utility>

#include "sinks/acl/acl_transfer.hpp"
#include "sinks/curl/curl_client.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kMaxTransfers = 1'000;  // the others wait, within the time that they have

}  // namespace

AclClient::AclClient(const std::vector<std::string>& allow) {
    curl_global_init(CURL_GLOBAL_DEFAULT);  // counted, and safe in threads since 7.84
    client_ = std::make_unique<CurlClient<AclTransfer>>(AddressGuard(allow), "acl", kMaxTransfers);
}

AclClient::~AclClient() = default;

void AclClient::ask(RoomQuestion question, Answer done) {
    client_->deliver({.question = std::move(question),
                      .done = std::move(done),
                      .deadline = std::chrono::steady_clock::now() + AclTransfer::kTime});
}

}  // namespace headwater::sinks
