#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

namespace headwater::sinks {

/// A URL taken apart by libcurl, so that it means here what it will mean to the transfer. One thread.
class CurlUrl {
  public:
    /// Nothing for what libcurl takes for no URL. `flags`: CURLU_….
    [[nodiscard]] static std::optional<CurlUrl> parse(const std::string& text, unsigned flags = 0) {
        CurlUrl url;
        if (curl_url_set(url.handle_.get(), CURLUPART_URL, text.c_str(), flags) != CURLUE_OK)
            return std::nullopt;
        return url;
    }
    /// "" for a part that is not there. `flags`: CURLU_….
    [[nodiscard]] std::string part(CURLUPart part, unsigned flags = 0) const {
        char* text = nullptr;
        if (curl_url_get(handle_.get(), part, &text, flags) != CURLUE_OK) return {};
        std::string value = text;
        curl_free(text);
        return value;
    }

  private:
    struct Free {
        void operator()(CURLU* url) const { curl_url_cleanup(url); }
    };

    CurlUrl() : handle_(curl_url()) {}

    std::unique_ptr<CURLU, Free> handle_;
};

}  // namespace headwater::sinks
