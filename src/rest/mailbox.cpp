#include "rest/mailbox.hpp"

#include <boost/asio/post.hpp>

namespace headwater::rest {

void Mailbox::push(Work work) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = waiting_.empty();
        waiting_.push_back(std::move(work));
    }
    if (was_empty) boost::asio::post(context_, [this] { drain(); });
}

void Mailbox::drain() {
    {
        const std::lock_guard lock(mutex_);
        running_.swap(waiting_);
    }
    for (Work& work : running_) work();
    running_.clear();
}

}  // namespace headwater::rest
