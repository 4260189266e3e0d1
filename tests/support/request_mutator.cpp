#include "tests/support/request_mutator.hpp"

#include <algorithm>
#include <array>

namespace headwater::testing {
namespace {

/// What two readers of a request might understand differently, or one not at all.
const std::vector<std::string>& pieces() {
    static const std::vector<std::string> made{
        "\r\n",
        "\n",
        "\r",
        std::string(1, '\0'),
        " ",
        "\t",
        ":",
        "\r\n ",
        "\r\n\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \x0b"
        "chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\n",
        "Content-Encoding: gzip\r\n",
        "Accept-Encoding: gzip\r\n",
        "Accept: text/event-stream\r\n",
        "Host: \r\n",
        "If-None-Match: *, \"\r\n",
        "Idempotency-Key: a\r\n",
        "Last-Event-ID: 99999999999999999999\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "5;a=\"b\r\nhello\r\n",
        "%00",
        "%",
        "%c0%af",
        "/../",
        "?",
        "#",
        "&limit=0",
        "&since=-1",
        "\xff\xfe",
        "\xf0\x9f\x98",
        "{",
        "[[[[[[[[",
        "\"\\ud800\"",
        "1e999999",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        std::string(300, 'A'),
        std::string(9'000, 'B'),
        std::string(70'000, 'C'),
    };
    return made;
}

}  // namespace

RequestMutator::RequestMutator(std::vector<std::string> requests, std::uint64_t seed)
    : requests_(std::move(requests)), random_(seed) {}

std::size_t RequestMutator::pick(std::size_t below) {
    return below == 0 ? 0 : random_() % below;
}

std::string RequestMutator::next() {
    std::string bytes;
    for (std::size_t count = 1 + pick(3); count > 0; --count) {
        std::string request = requests_[pick(requests_.size())];
        for (std::size_t changes = pick(5); changes > 0; --changes) mutate(request);
        bytes += request;
    }
    return bytes;
}

void RequestMutator::mutate(std::string& text) {
    const std::size_t at = pick(text.size());
    switch (pick(8)) {
        case 0:
            if (!text.empty()) text[at] = static_cast<char>(pick(256));
            return;
        case 1:
            text.erase(at, pick(8));
            return;
        case 2:
        case 3:
            text.insert(at, pieces()[pick(pieces().size())]);
            return;
        case 4:
            text.insert(at, text.substr(at, pick(40)));
            return;
        case 5:
            return replace_line(text);
        case 6: {
            const std::string& other = requests_[pick(requests_.size())];
            text.insert(at, other.substr(pick(other.size())));
            return;
        }
        default:
            text.resize(at);
    }
}

/// Headers are lines: a piece that begins where a line does is more likely to be understood.
void RequestMutator::replace_line(std::string& text) {
    const std::size_t begin = text.find("\r\n", pick(text.size()));
    if (begin == std::string::npos) return;
    const std::size_t end = std::min(text.find("\r\n", begin + 2), text.size());
    const std::size_t size = pick(2) == 0 ? 0 : end - begin - 2;
    text.replace(begin + 2, std::min(size, text.size() - begin - 2), pieces()[pick(pieces().size())]);
}

}  // namespace headwater::testing
