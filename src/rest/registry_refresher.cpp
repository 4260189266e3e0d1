#include "rest/registry_refresher.hpp"

#include <exception>
#include <utility>

#include "core/log.hpp"
#include "core/registry.hpp"
#include "core/work_pool.hpp"

namespace headwater::rest {
namespace {

bool try_refresh(Registry& registry) {
    try {
        registry.refresh();
        return true;
    } catch (const std::exception& error) {
        log::warn("registry.unreadable", {{"reason", error.what()}});
        return false;
    }
}

}  // namespace

void RegistryRefresher::refresh(Completion done) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(done));
        if (is_running_) return;
        is_running_ = true;
    }
    if (readers_.submit([this] { run(); })) return;
    std::vector<Completion> refused;
    {
        const std::lock_guard lock(mutex_);
        refused.swap(waiting_);
        is_running_ = false;
    }
    for (Completion& completion : refused) completion(false);
}

void RegistryRefresher::run() {
    for (;;) {
        std::vector<Completion> served;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.empty()) {
                is_running_ = false;
                return;
            }
            served.swap(waiting_);
        }
        const bool is_fresh = try_refresh(registry_);
        for (Completion& completion : served) completion(is_fresh);
    }
}

}  // namespace headwater::rest
