#include "core/registry.hpp"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

// No stored generation: the view before the first load.
constexpr std::int64_t kNothingLoaded = -1;

}  // namespace

RegistryView::RegistryView(RegistrySnapshot snapshot) : snapshot_(std::move(snapshot)) {
    std::ranges::sort(snapshot_.types, {},
                      [](const EventTypePtr& type) -> const std::string& { return type->name; });
    std::ranges::sort(snapshot_.streams, {}, &Stream::id);
    types_by_name_.reserve(snapshot_.types.size());
    for (std::size_t i = 0; i < snapshot_.types.size(); ++i)
        types_by_name_.emplace(snapshot_.types[i]->name, i);
}

EventTypePtr RegistryView::find_type(std::string_view name) const {
    const auto found = types_by_name_.find(name);
    return found == types_by_name_.end() ? nullptr : snapshot_.types[found->second];
}

std::vector<const Stream*> RegistryView::streams_of(std::string_view type) const {
    std::vector<const Stream*> owned;
    for (const auto& stream : snapshot_.streams) {
        if (!stream.owner_type.empty() && stream.owner_type == type) owned.push_back(&stream);
    }
    return owned;
}

const Stream* RegistryView::find_stream(StreamId id) const {
    const auto found = std::ranges::lower_bound(snapshot_.streams, id, {}, &Stream::id);
    return found != snapshot_.streams.end() && found->id == id ? &*found : nullptr;
}

Registry::Registry(RegistryStore& store)
    : store_(store), view_(std::make_shared<const RegistryView>(RegistrySnapshot{kNothingLoaded, {}, {}})) {}

RegistryViewPtr Registry::refresh() {
    // Held while the listeners run, so that they hear of the views in order.
    const std::lock_guard lock(refreshing_);
    auto current = view();
    if (store_.generation() == current->generation()) return current;
    auto fresh = std::make_shared<const RegistryView>(store_.load());
    view_.store(fresh, std::memory_order_release);
    for (const auto& listener : listeners_) listener(fresh);
    return fresh;
}

}  // namespace headwater
