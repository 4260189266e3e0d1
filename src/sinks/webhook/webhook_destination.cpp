#include "sinks/webhook/webhook_destination.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/json_text.hpp"
#include "sinks/option_reader.hpp"
#include "sinks/webhook/webhook_signature.hpp"
#include "sinks/webhook/webhook_uri.hpp"

namespace headwater::sinks {
namespace {

constexpr std::string_view kHidden =
    "***";  // stands for a header's value in answers, and takes the stored one in requests
constexpr std::size_t kMaxHeaders = 50;
constexpr std::size_t kMaxRetries = 50;
constexpr std::size_t kMaxFormerSecrets = 20;  // each adds 50 bytes to every request
constexpr std::array<std::string_view, 9> kOwnHeaders{"host",       "content-length",    "content-type",
                                                      "connection", "transfer-encoding", "expect",
                                                      "te",         "trailer",           "upgrade"};

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.find(c) != std::string_view::npos;
    });
}

void check_headers(OptionReader& options, WebhookDestination& to, const WebhookDestination& stored) {
    if (to.headers.size() > kMaxHeaders)
        options.fail("/headers", fmt::format("At most {} headers.", kMaxHeaders));
    for (auto& [name, value] : to.headers) {
        const std::string pointer = "/headers/" + name;
        const std::string lower = to_lower(name);
        if (!is_token(name)) options.fail(pointer, "This is no header name.");
        const bool is_own = std::ranges::find(kOwnHeaders, lower) != kOwnHeaders.end();
        if (is_own || lower.starts_with("webhook-") || lower.starts_with("headwater-"))
            options.fail(pointer, "Headwater sets this header itself.");
        if (has_controls(value) || value.size() > 4000) {
            options.fail(pointer, "A header's value has no control characters and at most 4,000 bytes.");
        }
        const auto before = stored.headers.find(name);
        if (value == kHidden && before != stored.headers.end()) value = before->second;
    }
}

std::map<std::string, Timestamp> read_former_secrets(OptionReader& options) {
    std::map<std::string, Timestamp> secrets;
    for (const auto& [secret, until] : options.texts("formerSecrets")) {
        secrets.emplace(secret, parse_rfc3339(until).value_or(Timestamp::min()));
    }
    return secrets;
}

WebhookDestination read_members(OptionReader& options) {
    WebhookDestination to;
    to.uri = options.required_text("uri");
    to.secret = options.text("secret").value_or("");
    to.headers = options.texts("headers");
    to.timeout = options.wait("timeout").value_or(to.timeout);
    to.max_in_flight = static_cast<std::size_t>(options.whole("maxInFlight", 1, 1000, 32));
    to.retries = options.waits("retries", kMaxRetries);
    const std::string format = options.text("format").value_or("event");
    if (format == "cloudevents") to.format = WebhookDestination::Format::cloudevents;
    if (format != "event" && format != "cloudevents")
        options.fail("/format", "One of event and cloudevents.");
    return to;
}

std::string headers_json(const std::map<std::string, std::string>& headers, bool is_hidden) {
    std::string json;
    for (const auto& [name, value] : headers) {
        json += json.empty() ? "" : ",";
        json += to_json_string(name) + ":" + to_json_string(is_hidden ? kHidden : std::string_view(value));
    }
    return "{" + json + "}";
}

std::string secrets_json(const WebhookDestination& to) {
    std::string json = ",\"secret\":" + to_json_string(to.secret);
    if (to.former_secrets.empty()) return json;
    std::string former;
    for (const auto& [secret, until] : to.former_secrets) {
        former += former.empty() ? "" : ",";
        former += to_json_string(secret) + ":" + to_json_string(format_time(until));
    }
    return json + ",\"formerSecrets\":{" + former + "}";
}

std::string members(const WebhookDestination& to, bool is_hidden) {
    std::string json = "\"uri\":" + to_json_string(to.uri);
    if (!is_hidden) json += secrets_json(to);
    if (!to.headers.empty()) json += ",\"headers\":" + headers_json(to.headers, is_hidden);
    json += fmt::format(",\"timeout\":{},\"maxInFlight\":{}", to.timeout.count(), to.max_in_flight);
    if (!to.retries.empty()) {
        std::vector<std::string> waits;
        for (const std::chrono::seconds wait : to.retries)
            waits.push_back(fmt::format("\"{}s\"", wait.count()));
        json += fmt::format(",\"retries\":[{}]", fmt::join(waits, ","));
    }
    json += to.format == WebhookDestination::Format::event ? R"(,"format":"event")"
                                                           : R"(,"format":"cloudevents")";
    return json;
}

}  // namespace

std::expected<WebhookDestination, std::vector<FieldError>> WebhookDestination::parse(
    std::string_view stream_json, std::optional<std::string_view> stored) {
    OptionReader options(stream_json);
    WebhookDestination to = read_members(options);
    const WebhookDestination before = stored ? from_json(*stored) : WebhookDestination();
    if (const auto uri = WebhookUri::parse(to.uri); !uri && !to.uri.empty())
        options.fail("/uri", uri.error());
    check_headers(options, to, before);
    if (to.timeout > std::chrono::minutes(2)) options.fail("/timeout", "At most two minutes.");
    if (to.secret.empty()) to.secret = before.secret;
    if (to.secret == before.secret) {
        to.former_secrets = before.former_secrets;
    } else if (!WebhookSecret::parse(to.secret)) {
        options.fail("/secret", "A secret is \"whsec_\" and the base64 text of 24 to 64 bytes.");
    }
    if (auto errors = options.finish(); !errors.empty()) return std::unexpected(std::move(errors));
    return to;
}

WebhookDestination WebhookDestination::from_json(std::string_view json) {
    OptionReader options(json);
    WebhookDestination to = read_members(options);
    to.former_secrets = read_former_secrets(options);
    return to;
}

std::expected<WebhookDestination, std::string> WebhookDestination::rotated(Timestamp now) const {
    WebhookDestination to = *this;
    std::erase_if(to.former_secrets, [&](const auto& former) { return former.second <= now; });
    if (to.former_secrets.size() >= kMaxFormerSecrets) {
        return std::unexpected(
            fmt::format("The secret was changed {} times within 24 hours already.", kMaxFormerSecrets));
    }
    to.former_secrets[secret] = now + kFormerSecretLife;
    to.secret = WebhookSecret::make().text();
    return to;
}

std::string WebhookDestination::to_json() const {
    return "{" + members(*this, false) + "}";
}

std::string WebhookDestination::describe() const {
    return members(*this, true);
}

std::string WebhookDestination::default_name() const {
    const auto parts = WebhookUri::parse(uri).value_or(WebhookUri{});
    std::string name = "webhook-";
    // A query tells destinations apart as well, but may hold a credential: its fingerprint is enough.
    const std::string place = parts.host + (parts.port.empty() ? "" : "-" + parts.port) + parts.path;
    for (const char c : place) {
        const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
        if (is_plain) {
            name += c;
        } else if (name.back() != '-') {
            name += '-';
        }
    }
    while (name.ends_with('-')) name.pop_back();
    const bool is_cut = name.size() > 80;
    if (is_cut) name.resize(80);
    if (is_cut || !parts.query.empty())
        name += fmt::format("-{:08x}", std::hash<std::string>{}(uri)&0xffffffffU);
    return name;
}

}  // namespace headwater::sinks
