#include "rest/feed_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/cloud_event.hpp"
#include "rest/compression.hpp"
#include "rest/feed_address.hpp"
#include "rest/finishing.hpp"
#include "rest/json_object.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

constexpr std::chrono::seconds kMaxAge = std::chrono::days{365};

std::optional<Timestamp> earlier(std::optional<Timestamp> a, std::optional<Timestamp> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

std::optional<Timestamp> expiry_of(const std::optional<FeedLandmark>& landmark) {
    return landmark && landmark->expires_at != Timestamp::max() ? std::optional(landmark->expires_at)
                                                                : std::nullopt;
}

void append_entry(std::string& out, std::string_view base_url, const FeedQuery& query,
                  const FeedEntry& entry) {
    const std::string address = fmt::format("{}/api/events/{}", base_url, to_string(entry.event->id));
    out.append(entry.event->open_json());
    if (query.include_processed) out.append(R"(,"processed":)").append(entry.is_processed ? "true" : "false");
    Links links;
    links.add("self", address);
    if (!query.client.empty()) links.add("mark-processed", address + "/ok/" + encode_segment(query.client));
    out.append(R"(,"links":)");
    links.append_json(out);
    out.append("}");
}

std::string body_of(std::string_view base_url, const FeedQuery& query, const FeedPage& page,
                    const Links& links) {
    std::string body;
    JsonObject object(body);
    std::string& out = object.begin("events");
    out += '[';
    for (const FeedEntry& entry : page.entries) {
        if (out.back() != '[') out += ',';
        append_entry(out, base_url, query, entry);
    }
    out += ']';
    links.append_json(object.begin("links"));
    object.end();
    return body;
}

/// CloudEvents JSON format 1.0.2, section 4. The links stand in the header alone.
std::string cloud_events_of(const FeedPage& page) {
    std::string body = "[";
    for (const FeedEntry& entry : page.entries) {
        if (body.size() > 1) body += ',';
        body += to_cloud_event(*entry.event);
    }
    return body + "]";
}

std::string cache_control(const FeedCaching& caching) {
    if (!caching.is_immutable) return "no-cache";
    auto age = kMaxAge;
    if (caching.lifetime) age = std::min(age, std::chrono::floor<std::chrono::seconds>(*caching.lifetime));
    if (age < std::chrono::seconds{1}) return "no-cache";
    return fmt::format("public, max-age={}, immutable", age.count());
}

FeedDocument document_of(std::string_view base_url, FeedForm form, const FeedQuery& query,
                         const FeedPage& page, const Links& links) {
    FeedDocument document;
    document.form = form;
    document.body = form == FeedForm::json ? body_of(base_url, query, page, links) : cloud_events_of(page);
    document.entity_tag = entity_tag_of(document.body);
    document.link = links.to_header();
    document.is_empty = page.entries.empty();
    return document;
}

/// A page that was cut short for its size says nothing about the event behind it.
bool is_cut_short(const FeedQuery& query, const FeedPage& page) {
    return page.has_more && page.entries.size() < query.limit;
}

bool is_immutable(const FeedQuery& query, const FeedPage& page, bool is_closed) {
    return is_closed && query.client.empty() && !is_cut_short(query, page);
}

std::optional<std::chrono::microseconds> lifetime_of(std::optional<Timestamp> end, const FeedPage& page,
                                                     Timestamp now) {
    if (!end) return std::nullopt;
    return *end - page.read_at.value_or(now);
}

bool has_prev(const SliceView& view) {
    const auto& [older, newer, oldest] = view.neighbours;
    return older || (oldest && oldest->created_at < view.slice.begin());
}

/// What the links of a closed slice rest on. `self`, `next` and `current` always stay. `prev` and
/// `prev-archive` stay for as long as the newest older event does (or, for `prev` alone, the log's oldest),
/// and a page that shows neither never will, since nothing is stored in the past. `next-archive` would change
/// when the first later event comes: so its address is one that finds that event when it is followed.
FeedCaching caching_of(const FeedQuery& query, const SliceView& view, Timestamp now) {
    const auto& [older, newer, oldest] = view.neighbours;
    std::optional<Timestamp> links_until;
    if (has_prev(view)) links_until = expiry_of(older ? older : oldest);
    return {is_immutable(query, view.page, view.is_closed),
            lifetime_of(earlier(view.page.first_expiry, links_until), view.page, now)};
}

Links links_of(std::string_view base_url, const FeedQuery& query, const SliceView& view, bool is_immutable) {
    const FeedAddress address(base_url, query);
    const TimeSlice& slice = view.slice;
    const auto containing = [&](const FeedLandmark& mark) {
        return TimeSlice::containing(slice.unit(), mark.created_at);
    };
    Links links;
    links.add("self", address.slice(slice, {query.after, query.before}));
    if (has_prev(view)) links.add("prev", address.slice(slice.previous()));
    if (view.has_next) links.add("next", address.slice(slice.next()));
    links.add("current", address.current(slice.unit()));
    if (view.neighbours.older) {
        links.add("prev-archive", address.slice(containing(*view.neighbours.older)));
    }
    if (is_immutable) {
        links.add("next-archive", address.seek_newer(slice));
    } else if (view.neighbours.newer) {
        links.add("next-archive", address.slice(containing(*view.neighbours.newer)));
    }
    if (view.page.has_more) {
        const EventId last = view.page.entries.back().event->id;
        links.add("more", address.slice(slice, FeedAddress::next_page(query, last)));
    }
    return links;
}

}  // namespace

FeedDocument slice_document(std::string_view base_url, FeedForm form, const FeedQuery& query,
                            const SliceView& view, Timestamp now) {
    const FeedCaching caching = caching_of(query, view, now);
    const Links links = links_of(base_url, query, view, caching.is_immutable);
    FeedDocument document = document_of(base_url, form, query, view.page, links);
    document.caching = caching;
    return document;
}

FeedDocument range_document(std::string_view base_url, FeedForm form, const FeedQuery& query,
                            const FeedPage& page, bool is_closed, Timestamp now) {
    const FeedAddress address(base_url, query);
    Links links;
    links.add("self", address.range(query.from, query.to, {query.after, query.before}));
    if (page.has_more) {
        const EventId last = page.entries.back().event->id;
        links.add("more", address.range(query.from, query.to, FeedAddress::next_page(query, last)));
    }
    FeedDocument document = document_of(base_url, form, query, page, links);
    document.caching = {is_immutable(query, page, is_closed), lifetime_of(page.first_expiry, page, now)};
    return document;
}

FeedDocument gzipped(FeedDocument document) {
    document.body = gzip(document.body);
    document.entity_tag = gzip_entity_tag(document.entity_tag);
    document.is_gzipped = true;
    return document;
}

Response to_response(FeedDocument document) {
    Response response;
    response.content_type = media_type_of(document.form);
    response.body = std::move(document.body);
    response.set("ETag", std::move(document.entity_tag));
    response.set("Cache-Control", cache_control(document.caching));
    response.set("Vary", "Accept");
    response.set("Link", std::move(document.link));
    if (document.is_gzipped) response.set("Content-Encoding", "gzip");
    return response;
}

}  // namespace headwater::rest
