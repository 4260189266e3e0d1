#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "core/room_acl.hpp"
#include "sinks/curl/curl_easy.hpp"
#include "sinks/task_queue.hpp"
#include "sinks/webhook/address_guard.hpp"
#include "sinks/webhook/webhook_reach.hpp"

namespace headwater::sinks {

/// One question on its way to a namespace's service.
struct AclTask {
    SinkKey sink{};
    RoomQuestion question;
    RoomAuthority::Answer done;
    std::chrono::steady_clock::time_point deadline;
};

/// `{acl_url}/acl/{namespace}/{room}/{user}`, each percent-encoded.
[[nodiscard]] std::string acl_address(const RoomQuestion& question);
/// 200 and 204 allow; 401, 403 and 404 deny; everything else says nothing.
[[nodiscard]] RoomVerdict verdict_of(long status);

/// One GET: a curl handle with everything that it points to. Belongs to the client's thread; must not move
/// while the handle is in use.
class AclTransfer {
  public:
    static constexpr std::chrono::milliseconds kTime{2'000};  ///< waiting for a place included
    static constexpr std::size_t kMaxResponseRead = 65'536;

    using Task = AclTask;
    using Context = AddressGuard;

    AclTransfer(CurlEasy easy, AclTask task, const AddressGuard& guard);
    AclTransfer(const AclTransfer&) = delete;
    AclTransfer& operator=(const AclTransfer&) = delete;

    [[nodiscard]] CURL* easy() const { return easy_.get(); }
    [[nodiscard]] SinkKey sink() const { return task_.sink; }
    CurlEasy finish(CURLcode code);
    CurlEasy abandon(const std::string& reason);
    static void abandon(AclTask task, const std::string& reason);

  private:
    void set_options();
    void log_failure(CURLcode code, long status) const;

    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);

    CurlEasy easy_;
    AclTask task_;
    WebhookReach reach_;  ///< what holds for webhooks holds here
    const std::string address_;
    std::size_t response_size_ = 0;
};

}  // namespace headwater::sinks
