#pragma once

#include <filesystem>
#include <string>

#include "app/keys/key_texts.hpp"

namespace headwater::app {

/// Where the keys are: a PostgreSQL by its url, or the private one of a data directory, whether a headwater
/// is running on it or not.
struct KeyPlace {
    std::string database_url;  ///< "" = the private one
    std::filesystem::path data_dir;
};

enum class KeyOutput { text, json };

/// What `headwater keys` does. Secrets and lists go to standard output, what people want to know besides to
/// standard error. Each returns the exit code, and throws std::exception with one sentence when the database
/// cannot be used.
[[nodiscard]] int create_key(const KeyPlace& place, const KeyTexts& texts, KeyOutput output);
[[nodiscard]] int list_keys(const KeyPlace& place, KeyOutput output);
/// `key`: its id or its name.
[[nodiscard]] int revoke_key(const KeyPlace& place, const std::string& key, KeyOutput output);
[[nodiscard]] int rotate_key(const KeyPlace& place, const std::string& key, const std::string& grace,
                             KeyOutput output);
[[nodiscard]] int disable_keys(const KeyPlace& place);

}  // namespace headwater::app
