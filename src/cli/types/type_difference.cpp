#include "cli/types/type_difference.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/retention.hpp"

namespace headwater::cli {
namespace {

/// A stream's members that say nothing about an existing one: where a new one begins, and its name.
bool is_ignored(std::string_view member) {
    return member == "from" || member == "name" || member == "secret";
}

bool has_same_place(const Json& wanted, const Json& stored) {
    if (!wanted["name"].is_absent()) return wanted["name"].text() == stored["name"].text();
    if (wanted["source"].text() != stored["source"].text()) return false;
    for (const char* member : {"exchange", "uri", "to", "vhost", "connection"}) {
        const bool is_said = !wanted[member].is_absent();
        if (is_said && !is_same_value(wanted[member], stored[member])) return false;
    }
    return true;
}

std::string place_of(const Json& stream) {
    for (const char* member : {"name", "uri", "exchange", "to"}) {
        if (!stream[member].is_absent()) return stream["source"].text() + " " + stream[member].text();
    }
    return stream["source"].text();
}

std::string shown(const Json& value) {
    return value.is_absent() ? "(default)" : value.compact();
}

std::string lag_of(const Json& stream) {
    const Json lag = stream["lag"];
    if (lag.is_absent() || lag["events"].number() == 0) return "";
    return fmt::format(" ({}{} events wait for it)", lag["events"].text(),
                       lag["atLeast"].is_true() ? " or more" : "");
}

void compare_streams(const Json& wanted, const Json& stored, TypeDifference& difference) {
    std::vector<Json> left = stored.elements();
    for (const Json& stream : wanted.elements()) {
        const auto same =
            std::ranges::find_if(left, [&](const Json& other) { return has_same_place(stream, other); });
        if (same == left.end()) {
            difference.lines.push_back("+ stream " + place_of(stream));
            continue;
        }
        for (const auto& [name, value] : stream.members()) {
            const Json before = (*same)[name];
            if (is_ignored(name) || is_same_value(value, before)) continue;
            difference.lines.push_back(fmt::format("~ stream {}: {}: {} -> {}", (*same)["name"].text(), name,
                                                   shown(before), shown(value)));
        }
        left.erase(same);
    }
    for (const Json& stream : left) {
        difference.removes_streams = true;
        difference.lines.push_back("- stream " + place_of(stream) + lag_of(stream));
    }
}

std::string canonical_ttl(const Json& ttl) {
    const auto retention = parse_retention(ttl.is_absent() ? "permanent" : ttl.text());
    return retention ? to_string(*retention) : ttl.text();
}

}  // namespace

TypeDifference difference_between(const Json& definition, const Json& stored) {
    TypeDifference difference{definition["type"].text(), TypeDifference::Kind::added, {}, false};
    const std::string ttl = canonical_ttl(definition["ttl"]);
    if (stored.is_absent()) {
        difference.lines.push_back("+ ttl: " + ttl);
        for (const Json& stream : definition["streams"].elements()) {
            difference.lines.push_back("+ stream " + place_of(stream));
        }
        return difference;
    }
    if (const std::string before = canonical_ttl(stored["ttl"]);
        !definition["ttl"].is_absent() && before != ttl) {
        difference.lines.push_back(fmt::format("~ ttl: {} -> {}", before, ttl));
    }
    const Json schema = definition["schema"];
    const bool is_removed = schema.is_null() && !stored["schema"].is_absent();
    if (is_removed) difference.lines.emplace_back("- schema");
    if (!schema.is_absent() && !schema.is_null() && !is_same_value(schema, stored["schema"])) {
        difference.lines.emplace_back(stored["schema"].is_absent() ? "+ schema" : "~ schema");
    }
    if (definition["streams"].is_array())
        compare_streams(definition["streams"], stored["streams"], difference);
    difference.kind =
        difference.lines.empty() ? TypeDifference::Kind::unchanged : TypeDifference::Kind::changed;
    return difference;
}

}  // namespace headwater::cli
