#include "postgres/connection_settings.hpp"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace headwater::postgres {
namespace {

using Options = std::map<std::string, std::string>;

Options parse(const std::string& url) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(url.c_str(), &message), &PQconninfoFree);
    PQfreemem(message);  // it may quote a password
    if (!parsed) throw std::invalid_argument("The database URL is not a valid PostgreSQL connection string.");
    Options options;
    for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr && *option->val != '\0') options[option->keyword] = option->val;
    }
    return options;
}

std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

}  // namespace

std::string to_conninfo(const ConnectionSettings& settings) {
    Options options = parse(settings.url);
    const Options defaults = {
        {"application_name", settings.application_name},
        {"connect_timeout", "5"},
        {"keepalives", "1"},
        {"keepalives_idle", "5"},
        {"keepalives_interval", "2"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "10000"},
        {"target_session_attrs", "read-write"},
    };
    options.insert(defaults.begin(), defaults.end());
    options["client_encoding"] = "UTF8";
    std::string out;
    for (const auto& [keyword, value] : options) out += keyword + "=" + quoted(value) + " ";
    return out;
}

}  // namespace headwater::postgres
