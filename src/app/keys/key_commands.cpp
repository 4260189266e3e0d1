#include "app/keys/key_commands.hpp"

#include <iostream>

#include "app/storage.hpp"
#include "core/key_store.hpp"
#include "core/log.hpp"
#include "postgres/running_server.hpp"

namespace headwater::app {
namespace {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;
constexpr int kBadUsage = 2;

/// With the private PostgreSQL: that of the headwater which runs on the folder, or one for the moment.
ServeOptions options_of(const KeyPlace& place) {
    log::set_level(log::Level::error);
    ServeOptions options;
    options.database_readers = 1;
    options.data_dir = place.data_dir;
    options.database_url = place.database_url;
    if (options.database_url.empty())
        options.database_url = postgres::url_of_running_server(place.data_dir).value_or("");
    return options;
}

Timestamp now() {
    return SystemClock().now();
}

NewSecret store_form_of(const std::string& secret) {
    return {hash_of_key_secret(secret), shown_part_of(secret)};
}

/// The secret is all that standard output gets, so that a script can take it.
void show_secret(const ApiKey& key, const std::string& secret, KeyOutput output) {
    if (output == KeyOutput::json) {
        std::cout << to_json(key, now(), secret) << "\n";
        return;
    }
    std::cout << secret << std::endl;
    std::cerr << "Key " << to_string(key.id) << ", '" << key.definition.name
              << "': " << to_text(key.definition.grants) << ". It is not shown again.\n";
}

int no_such_key(const std::string& key) {
    std::cerr << "headwater: there is no key '" << key << "', or it is revoked\n";
    return kFailure;
}

}  // namespace

int create_key(const KeyPlace& place, const KeyTexts& texts, KeyOutput output) {
    const auto definition = read_key(texts, now());
    if (!definition) {
        for (const std::string& mistake : definition.error()) std::cerr << "headwater: " << mistake << "\n";
        return kBadUsage;
    }
    Storage storage(options_of(place));
    KeyStore& keys = storage.database().key_store();
    const bool was_open = !keys.is_enforced();
    const std::string secret = make_key_secret();
    const auto key = keys.create(*definition, store_form_of(secret));
    if (!key) {
        std::cerr << "headwater: " << key.error() << "\n";
        return kFailure;
    }
    show_secret(*key, secret, output);
    if (was_open) std::cerr << "From now on every request needs a key.\n";
    return kSuccess;
}

int list_keys(const KeyPlace& place, KeyOutput output) {
    Storage storage(options_of(place));
    KeyStore& store = storage.database().key_store();
    const auto keys = store.list();
    if (output == KeyOutput::text) {
        if (!keys.empty()) std::cout << to_table(keys, now());
        if (!store.is_enforced()) std::cerr << "No key is needed: everybody may do everything.\n";
        return kSuccess;
    }
    std::string json = "[";
    for (const ApiKey& key : keys) {
        if (json.size() > 1) json += ',';
        json += to_json(key, now());
    }
    std::cout << json << "]\n";
    return kSuccess;
}

int revoke_key(const KeyPlace& place, const std::string& key, KeyOutput output) {
    Storage storage(options_of(place));
    const auto revoked = storage.database().key_store().revoke(key);
    if (!revoked) return no_such_key(key);
    if (output == KeyOutput::json) {
        std::cout << to_json(*revoked, now()) << "\n";
    } else {
        std::cerr << "Key " << to_string(revoked->id) << ", '" << revoked->definition.name
                  << "', is revoked.\n";
    }
    return kSuccess;
}

int rotate_key(const KeyPlace& place, const std::string& key, const std::string& grace, KeyOutput output) {
    const auto length = read_grace(grace, now());
    if (!length) {
        std::cerr << "headwater: " << length.error() << "\n";
        return kBadUsage;
    }
    Storage storage(options_of(place));
    const std::string secret = make_key_secret();
    const auto rotated = storage.database().key_store().rotate(key, store_form_of(secret), *length);
    if (!rotated) return no_such_key(key);
    show_secret(*rotated, secret, output);
    return kSuccess;
}

int disable_keys(const KeyPlace& place) {
    Storage storage(options_of(place));
    storage.database().key_store().disable();
    std::cerr
        << "No key is needed any more: everybody who reaches the server may do everything, until a key "
           "is made.\nA server that listens beyond this machine goes on asking for keys, unless it runs with "
           "--insecure-open.\n";
    return kSuccess;
}

}  // namespace headwater::app
