#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "core/stats_history.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {
namespace {

using Step = StatsHistory::Step;
using Steps = std::vector<Step>;

constexpr std::size_t kListedTypes = 200;
constexpr std::size_t kDrawnTypes = 8;
constexpr std::size_t kStepsOfAMinute = std::chrono::minutes(1) / StatsHistory::kStep;

/// What was accepted of one type.
struct TypeFigures {
    std::string type;
    double total = 0;       ///< since the start
    double per_second = 0;  ///< over the last minute
    double in_history = 0;  ///< summed rates, to find the busiest
};

double rate_in(const std::map<std::string, double>& rates, const std::string& name) {
    const auto found = rates.find(name);
    return found == rates.end() ? 0 : found->second;
}

template <class ValueOf>
void append_series(std::string& out, const Steps& steps, ValueOf value_of) {
    out += '[';
    for (const Step& step : steps) {
        if (out.back() != '[') out += ',';
        fmt::format_to(std::back_inserter(out), "{:.6g}", value_of(step));
    }
    out += ']';
}

void append_quantiles(std::string& out, const Steps& steps, std::optional<double> Step::*which) {
    out += '[';
    for (const Step& step : steps) {
        if (out.back() != '[') out += ',';
        out += step.*which ? fmt::format("{:.6g}", *(step.*which)) : "null";
    }
    out += ']';
}

void append_times(std::string& out, const Steps& steps) {
    out += '[';
    for (const Step& step : steps) {
        if (out.back() != '[') out += ',';
        append_json_string(out, format_time(step.at));
    }
    out += ']';
}

std::vector<TypeFigures> busiest_types(const StatsHistory& history, const Steps& steps) {
    std::vector<TypeFigures> types;
    for (const auto& [type, total] : history.accepted()) {
        TypeFigures& figures = types.emplace_back(TypeFigures{type, total});
        const std::size_t recent = std::min(steps.size(), kStepsOfAMinute);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const double rate = rate_in(steps[i].types, type);
            figures.in_history += rate;
            if (i + recent >= steps.size()) figures.per_second += rate / static_cast<double>(recent);
        }
    }
    std::ranges::sort(types, [](const TypeFigures& a, const TypeFigures& b) {
        return std::pair(a.in_history, a.total) > std::pair(b.in_history, b.total);
    });
    if (types.size() > kListedTypes) types.resize(kListedTypes);
    return types;
}

void append_types(std::string& out, const StatsHistory& history, const Steps& steps) {
    const auto types = busiest_types(history, steps);
    out += '[';
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (i > 0) out += ',';
        JsonObject object(out);
        object.text("type", types[i].type).json("per_second", fmt::format("{:.6g}", types[i].per_second));
        object.number("total", static_cast<std::int64_t>(types[i].total));
        if (i < kDrawnTypes) {
            append_series(object.begin("accepted"), steps,
                          [&](const Step& step) { return rate_in(step.types, types[i].type); });
        }
        object.end();
    }
    out += ']';
}

void append_deliveries(std::string& out, const Steps& steps) {
    std::set<std::string> results;
    for (const Step& step : steps) {
        for (const auto& [result, rate] : step.deliveries) results.insert(result);
    }
    out += '{';
    for (const std::string& result : results) {
        if (out.back() != '{') out += ',';
        append_json_string(out, result);
        out += ':';
        append_series(out, steps, [&](const Step& step) { return rate_in(step.deliveries, result); });
    }
    out += '}';
}

void append_groups(JsonObject& object, const Steps& steps) {
    JsonObject append(object.begin("append"));
    append_quantiles(append.begin("p50"), steps, &Step::append_p50);
    append_quantiles(append.begin("p99"), steps, &Step::append_p99);
    append.end();
    append_deliveries(object.begin("deliveries"), steps);
    JsonObject lag(object.begin("lag"));
    append_series(lag.begin("events"), steps, [](const Step& step) { return step.lag_events; });
    append_series(lag.begin("oldest_seconds"), steps, [](const Step& step) { return step.oldest_seconds; });
    lag.end();
    JsonObject live(object.begin("live"));
    append_series(live.begin("connections"), steps, [](const Step& step) { return step.live_connections; });
    append_series(live.begin("messages"), steps, [](const Step& step) { return step.live_messages; });
    live.end();
}

HandlerResult stats_response(const RequestContext& request) {
    static const StatsHistory kNothing;
    const StatsHistory& history = request.services().stats ? *request.services().stats : kNothing;
    const Steps steps = history.steps();
    Response response;
    JsonObject object(response.body);
    object.text("node", request.services().node).number("step_seconds", StatsHistory::kStep.count());
    append_times(object.begin("times"), steps);
    append_series(object.begin("accepted"), steps, [](const Step& step) { return step.accepted; });
    append_types(object.begin("types"), history, steps);
    append_groups(object, steps);
    Links links;
    links.add("self", request.base_url + "/api/stats");
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

Awaitable<HandlerResult> get_stats(RequestContext& request) {
    if (request.caller().types(Scope::admin) != nullptr)
        co_return refuse(Refusal::Kind::forbidden,
                         "These figures are of all types, and this key is limited to some.");
    auto work = [&request] { return stats_response(request); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
