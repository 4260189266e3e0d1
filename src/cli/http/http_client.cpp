#include "cli/http/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

#include "cli/interrupt.hpp"

namespace headwater::cli {
namespace {

constexpr std::size_t kMostBytes = 256 << 20;  ///< of an answer that is kept
constexpr long kConnectSeconds = 10;
/// A stream says something every 15 s; silence for longer means that the other side is gone.
constexpr long kSilenceSeconds = 45;

/// What curl's callbacks work on during one call.
struct Exchange {
    HttpAnswer answer;
    const HttpClient::Take* take = nullptr;
    const std::function<bool()>* is_wanted = nullptr;
    CURL* easy = nullptr;

    [[nodiscard]] int status() const {
        long code = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
        return static_cast<int>(code);
    }
    [[nodiscard]] bool is_streaming() const { return take != nullptr && status() >= 200 && status() < 300; }
};

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    if (exchange.is_streaming()) return (*exchange.take)({bytes, count}) ? count : 0;
    if (exchange.answer.body.size() + count > kMostBytes) return 0;
    exchange.answer.body.append(bytes, count);
    return count;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* context) {
    auto& headers = static_cast<Exchange*>(context)->answer.headers;
    const std::string_view line(bytes, count);
    if (line.starts_with("HTTP/")) headers.clear();  // of a redirect
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return count;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string_view value = line.substr(colon + 1);
    const std::size_t first = value.find_first_not_of(" \t");
    const std::size_t last = value.find_last_not_of(" \t\r\n");
    headers[name] = first == std::string_view::npos ? "" : value.substr(first, last - first + 1);
    return count;
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto* is_wanted = static_cast<Exchange*>(context)->is_wanted;
    return is_interrupted() || (is_wanted != nullptr && !(*is_wanted)()) ? 1 : 0;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) != CURLE_OK)
        throw std::runtime_error("libcurl lacks an option");
}

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

List make_list(const std::vector<std::string>& headers) {
    List list;
    for (const std::string& header : headers) {
        curl_slist* longer = curl_slist_append(list.get(), header.c_str());
        if (longer == nullptr) throw std::bad_alloc();
        (void)list.release();
        list.reset(longer);
    }
    return list;
}

}  // namespace

struct HttpClient::Handle {
    std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};

    void prepare(const HttpRequest& request, Exchange& exchange);
    HttpAnswer run(const HttpRequest& request, Exchange& exchange);
};

void HttpClient::Handle::prepare(const HttpRequest& request, Exchange& exchange) {
    CURL* const curl = easy.get();
    if (curl == nullptr) throw std::bad_alloc();
    curl_easy_reset(curl);  // keeps the connection
    exchange.easy = curl;
    set(curl, CURLOPT_URL, request.url.c_str());
    set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    set(curl, CURLOPT_NOSIGNAL, 1L);
    set(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(curl, CURLOPT_TIMEOUT, static_cast<long>(request.timeout.count()));
    set(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    set(curl, CURLOPT_WRITEFUNCTION, on_body);
    set(curl, CURLOPT_WRITEDATA, &exchange);
    set(curl, CURLOPT_HEADERFUNCTION, on_header);
    set(curl, CURLOPT_HEADERDATA, &exchange);
    set(curl, CURLOPT_NOPROGRESS, 0L);
    set(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    set(curl, CURLOPT_XFERINFODATA, &exchange);
    if (request.method == "GET") {
        set(curl, CURLOPT_FOLLOWLOCATION, 1L);
        set(curl, CURLOPT_MAXREDIRS, 5L);
    } else {
        set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    if (exchange.take == nullptr) {
        set(curl, CURLOPT_ACCEPT_ENCODING, "");
    } else {
        set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(curl, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
    }
    if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
        set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(curl, CURLOPT_POSTFIELDS, request.body.data() == nullptr ? "" : request.body.data());
    }
}

HttpAnswer HttpClient::Handle::run(const HttpRequest& request, Exchange& exchange) {
    prepare(request, exchange);
    std::vector<std::string> headers = request.headers;
    headers.emplace_back("Expect:");
    headers.emplace_back("User-Agent: headwater");
    const List list = make_list(headers);
    set(easy.get(), CURLOPT_HTTPHEADER, list.get());
    const CURLcode code = curl_easy_perform(easy.get());
    exchange.answer.status = exchange.status();
    if (code != CURLE_OK) exchange.answer.failure = curl_easy_strerror(code);
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, nullptr);
    return std::move(exchange.answer);
}

HttpClient::HttpClient() : handle_(std::make_unique<Handle>()) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

HttpAnswer HttpClient::call(const HttpRequest& request) {
    Exchange exchange;
    return handle_->run(request, exchange);
}

HttpAnswer HttpClient::stream(const HttpRequest& request, const Take& take,
                              const std::function<bool()>& is_wanted) {
    Exchange exchange;
    exchange.take = &take;
    exchange.is_wanted = &is_wanted;
    return handle_->run(request, exchange);
}

std::optional<std::chrono::seconds> HttpAnswer::retry_after() const {
    const auto found = headers.find("retry-after");
    if (found == headers.end()) return std::nullopt;
    int seconds = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [last, error] = std::from_chars(found->second.data(), end, seconds);
    if (error != std::errc{} || last != end || seconds < 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

std::string encode_url(std::string_view text) {
    static constexpr std::string_view kPlain = "-._~";
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 128 && (std::isalnum(byte) != 0 || kPlain.find(c) != std::string_view::npos)) {
            encoded += c;
        } else {
            encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return encoded;
}

std::string comma_list(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

}  // namespace headwater::cli
