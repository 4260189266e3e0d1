#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <mutex>
#include <vector>

namespace headwater::rest {

/// Brings work from other threads to an io thread. Whatever has gathered runs in one go, so that a commit
/// that answers a hundred requests wakes the thread once. Bounded by the requests under way.
class Mailbox {
  public:
    using Work = std::move_only_function<void()>;

    explicit Mailbox(boost::asio::io_context& context) : context_(context) {}
    /// Any thread. The mailbox must outlive the context's last run.
    void push(Work work);

  private:
    void drain();

    boost::asio::io_context& context_;
    std::mutex mutex_;
    std::vector<Work> waiting_;  // guarded by mutex_
    std::vector<Work> running_;  // the io thread only
};

}  // namespace headwater::rest
