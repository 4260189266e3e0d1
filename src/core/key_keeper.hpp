#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/key_ring.hpp"

namespace headwater {

/// The thread that keeps a KeyRing up to date: at once when woken, each second besides, also while
/// notifications are lost; and stores, each minute and at the end, when keys were last used. While PostgreSQL
/// is away the ring stays as it is.
class KeyKeeper {
  public:
    explicit KeyKeeper(KeyRing& ring);
    ~KeyKeeper();
    KeyKeeper(const KeyKeeper&) = delete;
    KeyKeeper& operator=(const KeyKeeper&) = delete;

    /// Keys have changed, or may have. Any thread.
    void wake();
    void stop();  ///< saves what is to be saved; idempotent

  private:
    void run(const std::stop_token& stop);
    void keep();
    void save();

    KeyRing& ring_;
    std::mutex mutex_;
    std::condition_variable_any awake_;
    bool is_woken_ = false;  // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
