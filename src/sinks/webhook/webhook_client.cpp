#include "sinks/webhook/webhook_client.hpp"

#include <utility>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kMaxSpare = 256;
constexpr std::chrono::seconds kCloseLimit{5};
constexpr const char* kClosed = "The stream was closed.";

Timestamp now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

WebhookClient::WebhookClient(AddressGuard guard)
    : guard_(std::move(guard)), loop_(wake_.fd()), thread_([this](const std::stop_token& stop) {
          name_this_thread("webhooks");
          run(stop);
      }) {}

WebhookClient::~WebhookClient() {
    thread_.request_stop();
    wake_.wake();
    thread_.join();
}

void WebhookClient::deliver(WebhookTask task) {
    bool is_first = false;
    {
        const std::lock_guard lock(mutex_);
        is_first = work_.tasks.empty() && work_.closings.empty();
        work_.tasks.push_back(std::move(task));
    }
    if (is_first) wake_.wake();
}

void WebhookClient::close_sink(WebhookSinkKey sink) {
    std::future<void> done;
    {
        const std::lock_guard lock(mutex_);
        Closing& closing = work_.closings.emplace_back(Closing{sink, {}});
        done = closing.done.get_future();
    }
    wake_.wake();
    done.wait_for(kCloseLimit);
}

void WebhookClient::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        loop_.turn([this](CURL* easy, CURLcode code) { finish(easy, code); });
        Work work = take_work();
        for (WebhookTask& task : work.tasks) begin(std::move(task));
        for (Closing& closing : work.closings) {
            abandon(closing.sink);
            closing.done.set_value();
        }
    }
    Work work = take_work();
    for (WebhookTask& task : work.tasks) begin(std::move(task));
    for (auto& [easy, transfer] : transfers_) {
        loop_.remove(easy);
        transfer->abandon(kClosed);
    }
    transfers_.clear();
}

WebhookClient::Work WebhookClient::take_work() {
    wake_.clear();
    const std::lock_guard lock(mutex_);
    return std::exchange(work_, {});
}

void WebhookClient::begin(WebhookTask task) {
    auto transfer = std::make_unique<WebhookTransfer>(take_easy(), std::move(task), guard_, now());
    CURL* easy = transfer->easy();
    transfers_.emplace(easy, std::move(transfer));
    loop_.add(easy);
}

void WebhookClient::finish(CURL* easy, CURLcode code) {
    const auto found = transfers_.find(easy);
    keep_easy(found->second->finish(code));
    transfers_.erase(found);
}

void WebhookClient::abandon(WebhookSinkKey sink) {
    std::erase_if(transfers_, [&](auto& entry) {
        if (entry.second->sink() != sink) return false;
        loop_.remove(entry.first);
        keep_easy(entry.second->abandon(kClosed));
        return true;
    });
}

WebhookTransfer::Easy WebhookClient::take_easy() {
    if (spare_.empty()) {
        WebhookTransfer::Easy easy(curl_easy_init());
        if (!easy) throw std::bad_alloc();
        return easy;
    }
    WebhookTransfer::Easy easy = std::move(spare_.back());
    spare_.pop_back();
    return easy;
}

void WebhookClient::keep_easy(WebhookTransfer::Easy easy) {
    if (spare_.size() < kMaxSpare) spare_.push_back(std::move(easy));
}

}  // namespace headwater::sinks
