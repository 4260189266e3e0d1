#include "rest/monitor_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "rest/json_body.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, 5> kMembers{"name", "description", "interval", "threshold", "notify"};
constexpr std::array<std::string_view, 2> kIntervalMembers{"unit", "count"};
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxDescription = 5'000;
constexpr std::size_t kMaxNotices = 20;

constexpr std::string_view kMailSubject = R"("subject":"[{payload.status}] {payload.name}")";
constexpr std::string_view kMailText =
    R"("template":"{payload.summary}\n\nMonitor: {payload.name} ({payload.monitor}), every {payload.every}\n)"
    R"(Status: {payload.status}, before: {payload.previous}\nLast check-in: {payload.checked_in_at}\n")";

using Errors = std::vector<FieldError>;

bool has_controls(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void read_name(const JsonMembers& members, MonitorDefinition& definition, Errors& errors) {
    const auto given = members.find("name");
    if (!given && !definition.name.empty()) return;
    const auto name = given.and_then(json_string);
    if (!name || name->empty() || name->size() > kMaxName || has_controls(*name)) {
        errors.push_back({"/name", "1 to 200 bytes without control characters are needed here."});
    } else {
        definition.name = *name;
    }
}

void read_description(const JsonMembers& members, MonitorDefinition& definition, Errors& errors) {
    const auto given = members.find("description");
    if (!given) return;
    const auto text = json_string(*given);
    if (!text || text->size() > kMaxDescription || text->find('\0') != std::string::npos) {
        errors.push_back({"/description", "A text of at most 5,000 bytes is needed here."});
    } else {
        definition.description = *text;
    }
}

/// "4hours", or {"unit":"hours","count":4} as the text of it.
std::string interval_text(std::string_view json) {
    if (const auto text = json_string(json)) return *text;
    const auto members = JsonMembers::read(json, kIntervalMembers);
    if (!members) return {};
    const auto unit = members->find("unit").and_then(json_string);
    const auto count = members->find("count");
    return unit && count ? std::string(*count) + *unit : std::string();
}

void read_interval(const JsonMembers& members, MonitorRule& rule, Errors& errors) {
    const auto given = members.find("interval");
    if (!given && rule.every.kind == Retention::Kind::limited) return;
    const auto interval = parse_monitor_interval(given ? interval_text(*given) : "");
    if (interval) {
        rule.every = *interval;
    } else {
        errors.push_back({"/interval", interval.error()});
    }
}

void read_threshold(const JsonMembers& members, MonitorRule& rule, Errors& errors) {
    const auto given = members.find("threshold");
    if (!given) return;
    int threshold = -1;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), threshold);
    const bool is_whole = error == std::errc{} && end == given->data() + given->size();
    if (is_whole && threshold >= 0 && threshold <= MonitorRule::kMaxThreshold) {
        rule.threshold = threshold;
    } else {
        errors.push_back({"/threshold", "A whole number from 0 to 1000 is needed here."});
    }
}

/// Puts members that are not there yet in front of the closing brace.
std::string completed(std::string_view json, const JsonMembers& members) {
    std::string out(json);
    const auto add = [&](std::string_view name, std::string_view member) {
        if (!members.find(name)) out.insert(out.rfind('}'), "," + std::string(member));
    };
    add("subject", kMailSubject);
    add("template", kMailText);
    return out;
}

std::optional<StreamId> read_replaced(const JsonMembers& members, const std::string& pointer,
                                      Errors& errors) {
    const auto given = members.find("stream");
    if (!given) return std::nullopt;
    const auto text = json_string(*given);
    const auto id = text ? parse_id<StreamId>(*text) : std::nullopt;
    if (!id) errors.push_back({pointer + "/stream", "The id of a stream (a text) is needed here."});
    return id;
}

void read_notice(std::string_view json, const std::string& pointer, std::vector<NoticeRequest>& notices,
                 Errors& errors) {
    const auto members = JsonMembers::read(json, {}, pointer);
    if (!members) {
        errors.push_back({pointer, "An object with a \"source\" and its options is needed here."});
        return;
    }
    for (const std::string_view name : {"name", "from", "order", "types"}) {
        if (members->find(name))
            errors.push_back({fmt::format("{}/{}", pointer, name), "This member is not known."});
    }
    const auto source = members->find("source").and_then(json_string).value_or("");
    const auto replaces = read_replaced(*members, pointer, errors);
    const std::string own = members->find("stream") ? members->without("stream") : std::string(json);
    notices.push_back({pointer, source, source == "email" ? completed(own, *members) : own, replaces});
}

void read_notify(const JsonMembers& members, ParsedMonitor& parsed, Errors& errors) {
    const auto given = members.find("notify");
    if (!given) return;
    const auto elements = json_elements(*given);
    if (!elements || elements->size() > kMaxNotices) {
        errors.push_back({"/notify", "An array of at most 20 destinations is needed here."});
        return;
    }
    parsed.notify.emplace();
    for (std::size_t i = 0; i < elements->size(); ++i)
        read_notice((*elements)[i], fmt::format("/notify/{}", i), *parsed.notify, errors);
}

}  // namespace

std::expected<ParsedMonitor, Refusal> parse_monitor(std::string_view json, const MonitorDefinition* stored) {
    const auto members = JsonMembers::read(json, kMembers);
    if (!members) return std::unexpected(members.error());
    ParsedMonitor parsed;
    if (stored != nullptr) parsed.definition = *stored;
    Errors errors;
    read_name(*members, parsed.definition, errors);
    read_description(*members, parsed.definition, errors);
    read_interval(*members, parsed.definition.rule, errors);
    read_threshold(*members, parsed.definition.rule, errors);
    read_notify(*members, parsed, errors);
    if (errors.empty()) {
        if (const auto good = check_monitor_rule(parsed.definition.rule); !good)
            errors.push_back({"/threshold", good.error()});
    }
    if (!errors.empty())
        return std::unexpected(
            Refusal{Refusal::Kind::invalid, "The monitor is not valid.", std::move(errors)});
    return parsed;
}

}  // namespace headwater::rest
