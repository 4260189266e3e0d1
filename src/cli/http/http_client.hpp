#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::cli {

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::string> headers;  ///< "Name: value"
    std::string_view body;             ///< must outlive the call
    std::chrono::seconds timeout{60};  ///< of the whole exchange; 0 = none
};

struct HttpAnswer {
    int status = 0;  ///< 0 when there was no answer
    std::string body;
    std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
    std::string failure;  ///< why there was no answer, or why it broke off; "" when it is complete

    [[nodiscard]] bool is_success() const { return status >= 200 && status < 300 && failure.empty(); }
    /// From the header; nothing when there is none or it is a date.
    [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const;
};

/// A blocking HTTP client over one kept connection; used by one thread. Follows redirects of GET. It gives up
/// as soon as is_interrupted().
class HttpClient {
  public:
    HttpClient();
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;

    /// Network trouble is in the answer's `failure`, never thrown. Throws std::runtime_error when libcurl
    /// cannot be set up.
    [[nodiscard]] HttpAnswer call(const HttpRequest& request);

    /// The same, but the bytes of a 2xx answer go to `take` as they come; it returns false to end the call.
    /// `is_wanted` is asked once a second or so.
    using Take = std::function<bool(std::string_view bytes)>;
    [[nodiscard]] HttpAnswer stream(const HttpRequest& request, const Take& take,
                                    const std::function<bool()>& is_wanted);

  private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

/// A path segment or query value, percent-encoded.
[[nodiscard]] std::string encode_url(std::string_view text);
/// "a,b".
[[nodiscard]] std::string comma_list(const std::vector<std::string>& words);

}  // namespace headwater::cli
