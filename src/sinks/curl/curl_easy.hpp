#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>

namespace headwater::sinks {

struct FreeCurlEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
/// A transfer's handle; used again and again, since it keeps its caches.
using CurlEasy = std::unique_ptr<CURL, FreeCurlEasy>;

struct FreeCurlList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, FreeCurlList>;

[[nodiscard]] inline CurlEasy make_curl_easy() {
    CurlEasy easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    return easy;
}

/// Refused options are programming errors or a libcurl without the feature: nothing must go out without them.
template <class Value>
void set_option(CURL* easy, CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) throw std::runtime_error("curl option");
}

/// The protocol's last answer: HTTP status, SMTP reply code; 0 when there was none.
[[nodiscard]] inline long status_of(CURL* easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

[[nodiscard]] inline std::chrono::microseconds duration_of(CURL* easy) {
    curl_off_t time = 0;
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &time);
    return std::chrono::microseconds(time);
}

}  // namespace headwater::sinks
