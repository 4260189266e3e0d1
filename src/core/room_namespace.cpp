#include "core/room_namespace.hpp"

#include <utility>

namespace headwater {

RoomNamespaces::RoomNamespaces(std::vector<RoomNamespace> all) {
    for (RoomNamespace& one : all) {
        std::string name = one.name;
        all_.emplace(std::move(name), std::move(one));
    }
}

const RoomNamespace* RoomNamespaces::find(std::string_view name) const {
    const auto found = all_.find(name);
    return found == all_.end() ? nullptr : &found->second;
}

void RoomDirectory::load(std::int64_t generation) {
    const std::lock_guard lock(mutex_);
    if (generation_ == generation) return;
    view_.store(std::make_shared<const RoomNamespaces>(load_()), std::memory_order_release);
    generation_ = generation;
}

}  // namespace headwater
