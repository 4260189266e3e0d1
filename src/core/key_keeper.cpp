#include "core/key_keeper.hpp"

#include <chrono>
#include <exception>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kSaveEvery{60};

}  // namespace

KeyKeeper::KeyKeeper(KeyRing& ring) : ring_(ring) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        name_this_thread("keys");
        run(stop);
    });
}

KeyKeeper::~KeyKeeper() {
    stop();
}

void KeyKeeper::wake() {
    {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
    }
    awake_.notify_one();
}

void KeyKeeper::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    save();
}

void KeyKeeper::run(const std::stop_token& stop) {
    auto saved_at = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        keep();
        if (std::chrono::steady_clock::now() - saved_at >= kSaveEvery) {
            save();
            saved_at = std::chrono::steady_clock::now();
        }
        std::unique_lock lock(mutex_);
        awake_.wait_for(lock, stop, kLookEvery, [this] { return is_woken_; });
        is_woken_ = false;
    }
}

void KeyKeeper::keep() {
    ring_.expire();
    try {
        ring_.refresh();
    } catch (const std::exception& error) {
        log::warn("keys.stale", {{"error", error.what()}});
    }
}

void KeyKeeper::save() {
    try {
        ring_.save_uses();
    } catch (const std::exception& error) {
        log::warn("keys.uses_not_saved", {{"error", error.what()}});
    }
}

}  // namespace headwater
