#pragma once

#include <span>
#include <string_view>

namespace headwater::rest {

/// A file of the dashboard, compiled into the binary (see cmake/headwater_web.cmake). Immutable, lives for
/// ever.
struct WebFile {
    std::string_view path;  ///< such as "index.html" or "assets/index-1a2b3c.js"
    std::string_view plain;
    std::string_view gzip;  ///< the same in gzip; empty where that saves nothing
};

extern const std::span<const WebFile> kWebFiles;

}  // namespace headwater::rest
