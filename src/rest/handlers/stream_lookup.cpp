#include "rest/handlers/stream_lookup.hpp"

#include "core/registry.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

const Stream* find_by_name(const RegistryView& registry, const std::string& name, const std::string* type) {
    const Stream* found = nullptr;
    for (const Stream& stream : registry.streams()) {
        if (stream.definition.name != name || (type != nullptr && stream.owner_type != *type)) continue;
        if (stream.owner_type.empty()) return &stream;
        if (found != nullptr) return nullptr;
        found = &stream;
    }
    return found;
}

const Stream* find_by_id(const RegistryView& registry, StreamId id, const std::string* type) {
    const Stream* found = registry.find_stream(id);
    return found == nullptr || (type != nullptr && found->owner_type != *type) ? nullptr : found;
}

}  // namespace

bool may_manage(const Caller& caller, const Stream& stream) {
    if (!stream.owner_type.empty()) return caller.may(Scope::register_, stream.owner_type);
    const TypeFilter* limit = caller.types(Scope::register_);
    return limit == nullptr || limit->covers(stream.definition.types);
}

std::expected<Stream, Refusal> find_stream(const RequestContext& request) {
    const RegistryViewPtr registry = request.services().registry.refresh();
    const std::string& key = request.path("stream");
    const std::string* type = request.find_path("type");
    const auto id = parse_id<StreamId>(key);
    const Stream* found = id ? find_by_id(*registry, *id, type) : find_by_name(*registry, key, type);
    if (found == nullptr || !may_manage(request.caller(), *found))
        return refuse(Refusal::Kind::not_found, "There is no such stream.");
    return *found;
}

}  // namespace headwater::rest
