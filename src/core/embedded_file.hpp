#pragma once

#include <span>
#include <string_view>

namespace headwater {

/// A text file that was compiled into the binary (see cmake/headwater_embed.cmake). Immutable, lives for
/// ever.
struct EmbeddedFile {
    std::string_view name;  ///< the file's base name, such as "001_log.sql"
    std::string_view text;
};

}  // namespace headwater
