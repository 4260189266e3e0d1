#include "rest/monitor_notices.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/log.hpp"
#include "core/monitor_store.hpp"
#include "core/notice_sink.hpp"
#include "core/registry.hpp"
#include "core/registry_store.hpp"
#include "rest/handlers/registry_change.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

const Stream* find_stream(const RegistryView& registry, const std::string& name) {
    const auto& streams = registry.streams();
    const auto found = std::ranges::find_if(
        streams, [&](const Stream& s) { return s.owner_type.empty() && s.definition.name == name; });
    return found == streams.end() ? nullptr : &*found;
}

std::unexpected<Refusal> refuse_notice(std::vector<FieldError> errors, const NoticeRequest& request) {
    for (FieldError& error : errors) error.pointer.insert(0, request.pointer);
    return std::unexpected(Refusal{Refusal::Kind::invalid, "The monitor is not valid.", std::move(errors)});
}

StreamDefinition definition_of(const Notice& notice) {
    return {.name = notice.stream,
            .source = std::string(NoticeSinkType::kSource),
            .destination = notice.destination,
            .order = notice.order,
            .types = TypeFilter::from_list({std::string(kMonitorDead), std::string(kMonitorOk)}).value(),
            .start = {}};
}

/// The stream whose place the request takes; null: it names none.
std::expected<const Stream*, Refusal> find_replaced(const RegistryView& registry,
                                                    const NoticeRequest& request,
                                                    const std::vector<StreamId>& present) {
    if (!request.replaces) return nullptr;
    const bool is_own = std::ranges::find(present, *request.replaces) != present.end();
    if (const Stream* stream = is_own ? registry.find_stream(*request.replaces) : nullptr) return stream;
    return refuse_field(request.pointer + "/stream", "This monitor has no notification over this stream.");
}

std::expected<StreamId, Refusal> register_notice(const Services& services, const NoticeRequest& request,
                                                 const std::vector<StreamId>& present,
                                                 MonitorSecrets& secrets) {
    const NoticeSinkType& notices = services.monitors->notices;
    const RegistryViewPtr registry = services.registry.refresh();
    const auto replaced = find_replaced(*registry, request, present);
    if (!replaced) return std::unexpected(replaced.error());
    const auto destination_of = [](const Stream* stream) {
        return stream == nullptr ? std::nullopt : std::optional(stream->definition.destination);
    };
    auto notice = notices.read(
        request.json, request.source,
        [&](const std::string& name) { return destination_of(find_stream(*registry, name)); },
        destination_of(*replaced));
    if (!notice) return refuse_notice(std::move(notice.error()), request);
    if (*replaced != nullptr && (*replaced)->definition.destination == notice->destination)
        return (*replaced)->id;
    const Stream* stored = find_stream(*registry, notice->stream);
    if (stored != nullptr && stored->definition.destination == notice->destination) return stored->id;
    if (const auto verified = notices.verify(notice->destination); !verified)
        return refuse_field(request.pointer, verified.error());
    const auto stream = services.registry_store.put_stream("", definition_of(*notice), std::nullopt);
    if (!stream) return std::unexpected(stream.error());
    registry_has_changed(services);
    secrets.by_stream[stream->id] = notice->shown_once;
    return stream->id;
}

}  // namespace

std::expected<std::vector<StreamId>, Refusal> register_notices(const Services& services,
                                                               const std::vector<NoticeRequest>& requests,
                                                               const std::vector<StreamId>& present,
                                                               MonitorSecrets& secrets) {
    std::vector<StreamId> streams;
    for (const NoticeRequest& request : requests) {
        const auto stream = register_notice(services, request, present, secrets);
        if (!stream) {
            drop_notices(services, streams);
            return std::unexpected(stream.error());
        }
        if (std::ranges::find(streams, *stream) == streams.end()) streams.push_back(*stream);
    }
    return streams;
}

void drop_notices(const Services& services, const std::vector<StreamId>& streams) {
    try {
        if (services.monitors->store.drop_unused(streams)) registry_has_changed(services);
    } catch (const Unavailable& error) {
        log::warn("monitor.streams_left", {{"error", error.what()}});
    }
}

}  // namespace headwater::rest
