#include "rest/feed_document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rest/finishing.hpp"

namespace headwater::rest {
namespace {

constexpr std::chrono::seconds kYear = std::chrono::days(365);

/// The slice of the nearest newer event, if it may be named: on a closed page only once it is closed itself.
std::optional<TimeSlice> next_archive(const TimeSlice& slice, const FeedNeighbours& neighbours,
                                      const FeedMoment& moment) {
    if (!neighbours.newer) return std::nullopt;
    const TimeSlice newer = TimeSlice::containing(slice.unit(), *neighbours.newer);
    if (moment.is_closed && newer.end() > moment.log_clock) return std::nullopt;
    return newer;
}

void append_event(std::string& out, const FeedAddresses& addresses, const FeedQuery& query,
                  const FeedEntry& entry, const std::string& events_address) {
    out += entry.event->open_json();
    if (query.include_processed && !query.client.empty()) {
        out += entry.is_processed ? R"(,"processed":true)" : R"(,"processed":false)";
    }
    Links links;
    links.add("self", events_address + to_string(entry.event->id));
    if (!query.client.empty()) links.add("mark-processed", addresses.mark_processed(entry.event->id));
    out += R"(,"links":)";
    links.append_json(out);
    out += '}';
}

}  // namespace

Links slice_links(const FeedAddresses& addresses, const TimeSlice& slice, const FeedNeighbours& neighbours,
                  const FeedPage& page, const FeedMoment& moment) {
    const std::string self = addresses.slice(slice);
    Links links;
    links.add("self", addresses.with_bounds(self));
    if (neighbours.oldest && *neighbours.oldest < slice.begin())
        links.add("prev", addresses.slice(slice.previous()));
    if (slice.end() <= moment.now) links.add("next", addresses.slice(slice.next()));
    links.add("current", addresses.current(slice.unit()));
    if (neighbours.older) {
        links.add("prev-archive", addresses.slice(TimeSlice::containing(slice.unit(), *neighbours.older)));
    }
    if (const auto newer = next_archive(slice, neighbours, moment))
        links.add("next-archive", addresses.slice(*newer));
    if (page.has_more) links.add("more", addresses.more(self, page.entries.back().event->id));
    return links;
}

std::optional<Timestamp> next_archive_due(const TimeSlice& slice, const FeedNeighbours& neighbours,
                                          const FeedMoment& moment) {
    if (next_archive(slice, neighbours, moment)) return std::nullopt;
    return TimeSlice::containing(slice.unit(), moment.log_clock).end();
}

std::chrono::seconds freshness_of_closed(const FeedPage& page, const FeedMoment& moment,
                                         std::optional<Timestamp> next_archive_due) {
    std::chrono::seconds freshness = kYear;
    for (const std::optional<Timestamp>& bound : {page.first_expiry, next_archive_due}) {
        if (!bound || *bound == Timestamp::max()) continue;
        freshness = std::min(freshness, std::chrono::floor<std::chrono::seconds>(*bound - moment.now));
    }
    return std::max(freshness, std::chrono::seconds(0));
}

Response feed_response(const FeedAddresses& addresses, const FeedQuery& query, const FeedPage& page,
                       const Links& links, std::chrono::seconds freshness) {
    Response response;
    std::string& out = response.body;
    std::size_t size = 1024;
    for (const FeedEntry& entry : page.entries) size += entry.event->json.size() + 256;
    out.reserve(size);
    out += R"({"events":[)";
    const std::string events_address = addresses.events();
    for (const FeedEntry& entry : page.entries) {
        if (&entry != page.entries.data()) out += ',';
        append_event(out, addresses, query, entry, events_address);
    }
    out += R"(],"links":)";
    links.append_json(out);
    out += '}';
    response.set("ETag", entity_tag_of(out));
    response.set("Link", links.to_header());
    response.set("Cache-Control", freshness.count() > 0
                                      ? fmt::format("public, max-age={}, immutable", freshness.count())
                                      : "no-cache");
    return response;
}

}  // namespace headwater::rest
