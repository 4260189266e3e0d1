#include "rest/stream_definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "rest/json_body.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kMaxStreams = 100;

std::string at(const StreamContext& context, std::string_view member) {
    return fmt::format("{}/{}", context.pointer, member);
}

const Stream* find_sibling(const StreamContext& context, std::string_view name) {
    const auto found =
        std::ranges::find_if(context.siblings, [&](const Stream* s) { return s->definition.name == name; });
    return found == context.siblings.end() ? nullptr : *found;
}

std::unexpected<Refusal> refuse_destination(std::vector<FieldError> errors, const StreamContext& context) {
    for (FieldError& error : errors) error.pointer.insert(0, context.pointer);
    return std::unexpected(
        Refusal{Refusal::Kind::invalid, "The stream's destination is not valid.", std::move(errors)});
}

std::expected<const SinkType*, Refusal> read_source(const JsonMembers& members,
                                                    const StreamContext& context) {
    const auto source = members.find("source").and_then(json_string);
    if (const SinkType* sink = source ? find_sink_type(context.sinks, *source) : nullptr) return sink;
    std::string known;
    for (const auto& type : context.sinks) known.append(known.empty() ? "" : ", ").append(type->source());
    return refuse_field(at(context, "source"), fmt::format("One of {} is needed here.", known));
}

std::expected<std::string, Refusal> read_name(const JsonMembers& members, const StreamContext& context) {
    const auto given = members.find("name");
    if (!given) return std::string(context.name);
    auto name = json_string(*given);
    if (!name || !is_stream_name(*name)) {
        return refuse_field(at(context, "name"), "1 to 100 characters of [A-Za-z0-9_.-], not digits alone.");
    }
    if (!context.name.empty() && *name != context.name) {
        return refuse_field(at(context, "name"), "The name differs from the one in the address.");
    }
    return std::move(*name);
}

std::expected<StreamStart, Refusal> read_start(const JsonMembers& members, const StreamContext& context) {
    const auto given = members.find("from");
    if (!given) return StreamStart{};
    const auto text = json_string(*given);
    if (text == "now") return StreamStart{};
    if (text == "beginning") return StreamStart{StreamStart::Kind::beginning};
    if (const auto id = text ? parse_id<Position>(*text) : std::nullopt)
        return StreamStart{StreamStart::Kind::after, *id};
    return refuse_field(at(context, "from"), "\"now\", \"beginning\" or an event's id is needed here.");
}

std::expected<std::optional<StreamOrder>, Refusal> read_order(const JsonMembers& members,
                                                              const StreamContext& context) {
    const auto given = members.find("order");
    if (!given) return std::nullopt;
    const auto text = json_string(*given);
    if (const auto order = text ? parse_stream_order(*text) : std::nullopt) return order;
    return refuse_field(at(context, "order"), "\"loose\", \"subject\" or \"strict\" is needed here.");
}

std::expected<TypeFilter, Refusal> read_types(const JsonMembers& members, const StreamContext& context) {
    const auto given = members.find("types");
    if (!given) return TypeFilter{};
    if (!context.has_types)
        return refuse_field(at(context, "types"), "The stream of a registration has its type already.");
    const auto filters = json_strings(*given);
    if (!filters) return refuse_field(at(context, "types"), "An array of type filters is needed here.");
    auto parsed = TypeFilter::from_list(*filters);
    if (!parsed) return refuse_field(at(context, "types"), parsed.error());
    return std::move(*parsed);
}

/// The destination, read a second time on top of the stored one when there is one.
std::expected<ParsedDestination, Refusal> read_destination(std::string_view json, const SinkType& sink,
                                                           ParsedStream& stream,
                                                           const StreamContext& context) {
    auto parsed = sink.parse(json, std::nullopt);
    if (!parsed) return refuse_destination(std::move(parsed.error()), context);
    if (stream.definition.name.empty()) stream.definition.name = parsed->default_name;
    const Stream* stored = find_sibling(context, stream.definition.name);
    stream.is_new = stored == nullptr;
    if (stored == nullptr || stored->definition.source != sink.source()) return std::move(*parsed);
    parsed = sink.parse(json, stored->definition.destination);
    if (!parsed) return refuse_destination(std::move(parsed.error()), context);
    return std::move(*parsed);
}

}  // namespace

std::expected<ParsedStream, Refusal> parse_stream(std::string_view json, const StreamContext& context) {
    const auto members = JsonMembers::read(json, {}, context.pointer);
    if (!members) return std::unexpected(members.error());
    const auto sink = read_source(*members, context);
    if (!sink) return std::unexpected(sink.error());
    auto name = read_name(*members, context);
    if (!name) return std::unexpected(std::move(name.error()));
    const auto start = read_start(*members, context);
    if (!start) return std::unexpected(start.error());
    const auto order = read_order(*members, context);
    if (!order) return std::unexpected(order.error());
    auto types = read_types(*members, context);
    if (!types) return std::unexpected(std::move(types.error()));

    ParsedStream stream;
    stream.definition = {.name = std::move(*name),
                         .source = std::string((*sink)->source()),
                         .destination = {},
                         .types = std::move(*types),
                         .start = *start};
    auto destination = read_destination(json, **sink, stream, context);
    if (!destination) return std::unexpected(std::move(destination.error()));
    stream.definition.destination = std::move(destination->json);
    stream.definition.order = order->value_or(destination->default_order);
    stream.shown_once = std::move(destination->shown_once);
    return stream;
}

std::expected<std::vector<ParsedStream>, Refusal> parse_streams(std::string_view json,
                                                                const StreamContext& context) {
    const auto elements = json_elements(json);
    if (!elements) return refuse_field(std::string(context.pointer), "An array of streams is needed here.");
    if (elements->size() > kMaxStreams)
        return refuse_field(std::string(context.pointer), "At most 100 streams are allowed.");
    std::vector<ParsedStream> streams;
    std::set<std::string> names;
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const std::string pointer = fmt::format("{}/{}", context.pointer, i);
        StreamContext inner{context.sinks, context.siblings, pointer};
        auto stream = parse_stream((*elements)[i], inner);
        if (!stream) return std::unexpected(std::move(stream.error()));
        if (!names.insert(stream->definition.name).second) {
            return refuse_field(
                pointer + "/name",
                fmt::format("Another stream has the name '{}'; give one of them a name of its own.",
                            stream->definition.name));
        }
        streams.push_back(std::move(*stream));
    }
    return streams;
}

std::expected<void, Refusal> verify_destination(const ParsedStream& stream, const StreamContext& context) {
    const StreamDefinition& definition = stream.definition;
    const Stream* stored = find_sibling(context, definition.name);
    const bool is_known = stored != nullptr && stored->definition.source == definition.source &&
                          stored->definition.destination == definition.destination;
    if (is_known) return {};
    const SinkType* sink = find_sink_type(context.sinks, definition.source);
    const auto verified = sink->verify(definition.destination);
    if (verified) return {};
    return refuse_field(std::string(context.pointer), verified.error());
}

bool is_stream_name(std::string_view name) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return !name.empty() && name.size() <= 100 && !std::ranges::all_of(name, is_digit) &&
           std::ranges::all_of(
               name, [&](char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '-'; });
}

}  // namespace headwater::rest
