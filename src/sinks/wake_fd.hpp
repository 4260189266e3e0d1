#pragma once

namespace headwater::sinks {

/// Wakes a thread that sleeps in poll() or epoll_wait(): an eventfd with an owner. wake() may be called from
/// any thread.
class WakeFd {
  public:
    WakeFd();
    ~WakeFd();
    WakeFd(const WakeFd&) = delete;
    WakeFd& operator=(const WakeFd&) = delete;

    void wake() const;
    /// Forgets the wakes so far; call it before looking for what they were about.
    void clear() const;
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

}  // namespace headwater::sinks
