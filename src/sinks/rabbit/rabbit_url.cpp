#include "sinks/rabbit/rabbit_url.hpp"

#include <string_view>

namespace headwater::sinks {
namespace {

constexpr std::string_view kCaFile = "cacertfile=";

}  // namespace

std::expected<RabbitUrl, std::string> RabbitUrl::parse(const std::string& text) {
    const bool is_tls = text.starts_with("amqps://");
    if (!is_tls && !text.starts_with("amqp://")) {
        return std::unexpected("expected [name=]amqp://user:password@host:port/vhost");
    }
    const std::size_t mark = text.find('?');
    RabbitUrl url{.address = text.substr(0, mark)};
    if (mark == std::string::npos) return url;
    const std::string query = text.substr(mark + 1);
    if (!is_tls || !query.starts_with(kCaFile) || query.size() == kCaFile.size() ||
        query.find('&') != std::string::npos) {
        return std::unexpected("the only query is ?cacertfile=/path/ca.pem, behind an amqps:// address");
    }
    url.ca_file = query.substr(kCaFile.size());
    return url;
}

}  // namespace headwater::sinks
