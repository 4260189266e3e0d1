#include "app/option_kinds.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sinks/rabbit/rabbit_url.hpp"
#include "sinks/webhook/address_guard.hpp"

namespace headwater::app {
namespace {

using Texts = std::vector<std::string>;
using Complaint = std::optional<std::string>;

std::optional<Endpoint> parse_endpoint(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    Endpoint made{text.substr(0, colon), 0};
    const char* begin = text.data() + colon + 1;
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(begin, end, made.port);
    if (error != std::errc{} || last != end) return std::nullopt;
    if (made.host.front() == '[' && made.host.back() == ']') {
        made.host = made.host.substr(1, made.host.size() - 2);
    }
    return made;
}

std::string to_text(const Endpoint& endpoint) {
    return endpoint.host + ":" + std::to_string(endpoint.port);
}

Broker parse_broker(const std::string& text) {
    const std::size_t scheme = text.find("://");
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals > scheme) return {"default", text};
    return {text.substr(0, equals), text.substr(equals + 1)};
}

Complaint read_brokers(const Texts& texts, std::vector<Broker>& target) {
    target.clear();
    std::string complaints;
    const auto complain = [&](const std::string& clause) {
        complaints += (complaints.empty() ? "" : "; ") + clause;
    };
    for (const std::string& text : texts) {
        Broker broker = parse_broker(text);
        if (const auto url = sinks::RabbitUrl::parse(broker.url); !url) complain(url.error());
        if (std::ranges::find(target, broker.name, &Broker::name) != target.end()) {
            complain("two brokers are named '" + broker.name + "'");
        }
        target.push_back(std::move(broker));
    }
    return complaints.empty() ? std::nullopt : Complaint(complaints);
}

bool is_http_url(const std::string& text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

Complaint check_network(const std::string& text) {
    if (sinks::IpNetwork::parse(text)) return std::nullopt;
    return "'" + text + "' is not a network such as 10.0.0.0/8 or fd00::/8";
}

Complaint check_origin(const std::string& text) {
    const bool has_path = is_http_url(text) && text.find('/', text.find("://") + 3) != std::string::npos;
    if (text == "*" || (is_http_url(text) && !has_path)) return std::nullopt;
    return "'" + text + "' is not an origin such as https://app.example.org (no slash at the end), or *";
}

}  // namespace

cli::OptionKind endpoint(Endpoint& target) {
    return {"ADDRESS:PORT", to_text(target), "", false, [&target](const Texts& texts) -> Complaint {
                if (const auto parsed = parse_endpoint(texts.front())) {
                    target = *parsed;
                    return std::nullopt;
                }
                return "'" + texts.front() + "' is not an address and port such as 127.0.0.1:8080";
            }};
}

cli::OptionKind brokers(std::vector<Broker>& target) {
    return {"[NAME=]URL", "", "", true,
            [&target](const Texts& texts) { return read_brokers(texts, target); }};
}

cli::OptionKind request_rate(std::optional<RequestRate>& target) {
    return {"RATE", "", "", false, [&target](const Texts& texts) -> Complaint {
                target = parse_request_rate(texts.front());
                if (target) return std::nullopt;
                return "'" + texts.front() + "' is not a rate such as 1000/s, 600/min or 5000/h";
            }};
}

cli::OptionKind networks(std::vector<std::string>& target) {
    return cli::texts(target, "CIDR", check_network);
}

cli::OptionKind origins(std::vector<std::string>& target) {
    return cli::texts(target, "ORIGIN", check_origin);
}

}  // namespace headwater::app
