#pragma once

#include <cstdint>
#include <functional>

namespace headwater::bench {

/// One epoll instance; level-triggered. Everything in this program runs on its thread.
class Loop {
  public:
    /// Whatever owns a descriptor. It must unwatch (or close) the descriptor before it goes.
    class Watcher {
      public:
        virtual ~Watcher() = default;
        virtual void on_ready(std::uint32_t events) = 0;
    };

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void watch(int fd, std::uint32_t events, Watcher& watcher);
    void change(int fd, std::uint32_t events, Watcher& watcher);
    /// Runs until `is_done` says so, asking it after each round and at least every 100 ms.
    void run_until(const std::function<bool()>& is_done);

  private:
    int epoll_;
};

}  // namespace headwater::bench
