#pragma once

#include <atomic>
#include <cstddef>

namespace headwater {

/// Memory that many connections share a bound for: unfinished requests, answers that nobody reads. Lives
/// longer than its shares. Thread-safe; a share belongs to one thread.
class ByteBudget {
  public:
    explicit ByteBudget(std::size_t bytes) : bytes_(bytes) {}
    ByteBudget(const ByteBudget&) = delete;
    ByteBudget& operator=(const ByteBudget&) = delete;

    [[nodiscard]] std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

    /// What one connection has of it; its destructor gives it back.
    class Share {
      public:
        explicit Share(ByteBudget& budget) : budget_(budget) {}
        ~Share() { resize_down(0); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        /// From now on it is so many bytes. False, with nothing changed, when that is more than is left;
        /// whoever is alone may have more than there is.
        [[nodiscard]] bool resize(std::size_t bytes);
        void clear() { resize_down(0); }

      private:
        void resize_down(std::size_t bytes);

        ByteBudget& budget_;
        std::size_t bytes_ = 0;
    };

  private:
    const std::size_t bytes_;
    std::atomic<std::size_t> taken_{0};
};

}  // namespace headwater
