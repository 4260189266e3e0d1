#include "app/io_threads.hpp"

#include <string>

#include "core/work_pool.hpp"

namespace headwater::app {

IoThreads::IoThreads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
    for (std::size_t i = 0; i < count; ++i) {
        threads_.emplace_back([this, i] {
            name_this_thread("io-" + std::to_string(i));
            loops_[i]->context.run();
        });
    }
}

IoThreads::~IoThreads() {
    stop();
}

std::vector<boost::asio::io_context*> IoThreads::contexts() const {
    std::vector<boost::asio::io_context*> contexts;
    for (const auto& loop : loops_) contexts.push_back(&loop->context);
    return contexts;
}

void IoThreads::stop() {
    for (const auto& loop : loops_) loop->context.stop();
    threads_.clear();
}

}  // namespace headwater::app
