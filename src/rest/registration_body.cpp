#include "rest/registration_body.hpp"

#include <array>
#include <utility>

#include "core/json_schema.hpp"
#include "core/retention.hpp"
#include "core/type_filter.hpp"
#include "rest/json_body.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, 4> kMembers{"type", "ttl", "schema", "streams"};

/// A reserved type is Headwater's own: it can be changed and given streams, but not made.
std::expected<void, Refusal> read_type(const JsonMembers& members, const RegistryView& registry,
                                       Registration& registration) {
    const auto type = members.find("type").and_then(json_string);
    if (!type || !is_event_type_name(*type)) {
        return refuse_field(
            "/type", "1 to 200 characters, segments of [A-Za-z0-9_.-] joined by ':', are needed here.");
    }
    if (is_reserved_type(*type) && registry.find_type(*type) == nullptr) {
        return std::unexpected(Refusal{Refusal::Kind::reserved_type,
                                       "The prefixes room:, monitor: and headwater: are reserved.",
                                       {{"/type", "This prefix is reserved."}}});
    }
    registration.type = *type;
    return {};
}

std::expected<void, Refusal> read_ttl(const JsonMembers& members, Registration& registration) {
    const auto given = members.find("ttl");
    if (!given) return {};
    const auto text = json_string(*given);
    if (!text)
        return refuse_field("/ttl",
                            "A text such as \"24days\", \"permanent\" or \"ephemeral\" is needed here.");
    const auto retention = parse_retention(*text);
    if (!retention) return refuse_field("/ttl", retention.error());
    registration.retention = *retention;
    return {};
}

std::expected<void, Refusal> read_schema(const JsonMembers& members, Registration& registration) {
    const auto given = members.find("schema");
    if (!given) return {};
    registration.schema_text = *given == "null" ? "" : std::string(*given);
    if (registration.schema_text->empty()) return {};
    const auto compiled = JsonSchema::compile(*registration.schema_text);
    if (!compiled) return refuse_field("/schema", compiled.error());
    return {};
}

std::expected<void, Refusal> read_streams(const JsonMembers& members, const SinkTypes& sinks,
                                          const RegistryView& registry, ParsedRegistration& parsed) {
    const auto given = members.find("streams");
    if (!given) return {};
    const std::vector<const Stream*> siblings = registry.streams_of(parsed.registration.type);
    auto streams = parse_streams(*given, {sinks, siblings, "/streams"});
    if (!streams) return std::unexpected(std::move(streams.error()));
    parsed.registration.streams.emplace();
    for (std::size_t i = 0; i < streams->size(); ++i) {
        const std::string pointer = "/streams/" + std::to_string(i);
        if (auto verified = verify_destination((*streams)[i], {sinks, siblings, pointer}); !verified)
            return verified;
        parsed.registration.streams->push_back((*streams)[i].definition);
    }
    parsed.streams = std::move(*streams);
    return {};
}

}  // namespace

std::expected<ParsedRegistration, Refusal> parse_registration(std::string_view json, const SinkTypes& sinks,
                                                              const RegistryView& registry) {
    const auto members = JsonMembers::read(json, kMembers);
    if (!members) return std::unexpected(members.error());
    ParsedRegistration parsed;
    if (auto read = read_type(*members, registry, parsed.registration); !read)
        return std::unexpected(std::move(read.error()));
    if (auto read = read_ttl(*members, parsed.registration); !read)
        return std::unexpected(std::move(read.error()));
    if (auto read = read_schema(*members, parsed.registration); !read)
        return std::unexpected(std::move(read.error()));
    if (auto read = read_streams(*members, sinks, registry, parsed); !read)
        return std::unexpected(std::move(read.error()));
    return parsed;
}

}  // namespace headwater::rest
