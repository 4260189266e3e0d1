#include "app/monitors.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace headwater::app {
namespace {

constexpr std::string_view kTtl = "1year";

}  // namespace

const NoticeSinkType& add_notice_sink(SinkTypes& sinks) {
    std::vector<const SinkType*> inner;
    for (const auto& type : sinks) inner.push_back(type.get());
    auto notices = std::make_unique<NoticeSinkType>(std::move(inner));
    const NoticeSinkType& added = *notices;
    sinks.push_back(std::move(notices));
    return added;
}

void register_monitor_types(RegistryStore& store) {
    const RegistrySnapshot present = store.load();
    for (const std::string_view name : {kMonitorDead, kMonitorOk}) {
        if (std::ranges::any_of(present.types, [&](const EventTypePtr& type) { return type->name == name; }))
            continue;
        Registration registration;
        registration.type = name;
        registration.retention = parse_retention(kTtl).value();
        if (const auto stored = store.put(registration); !stored)
            throw std::runtime_error(stored.error().detail);
    }
}

}  // namespace headwater::app
