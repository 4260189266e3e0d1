#include "cli/http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace headwater::cli {
namespace {

constexpr const char* kJsonBody = "Content-Type: application/json";

std::optional<std::string> check_key(const std::string& key) {
    const bool is_plain = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 127; });
    return is_plain ? std::nullopt : std::optional<std::string>("a key has neither spaces nor controls");
}

}  // namespace

void add_server_options(Subcommand& command, ServerAddress& address) {
    command.options()
        .group("Server")
        .from(Sources::variable)
        .add("url", base_url(address.url), "The server")
        .add("key", text(address.key, "KEY", check_key), "The key to show it; better in the variable")
        .from(Sources::arguments_only)
        .group("Options");
}

HttpRequest Server::request(const std::string& method, const std::string& path) const {
    HttpRequest made;
    made.method = method;
    made.url = path.starts_with('/') ? address_.url + path : path;
    if (!address_.key.empty()) made.headers.push_back("Authorization: Bearer " + address_.key);
    return made;
}

HttpAnswer Server::call(const std::string& method, const std::string& path, std::string_view body,
                        std::vector<std::string> headers) {
    HttpRequest made = request(method, path);
    made.body = body;
    made.headers.insert(made.headers.end(), headers.begin(), headers.end());
    return client_.call(made);
}

std::string Server::complaint(const HttpAnswer& answer) const {
    if (answer.status == 0) {
        return fmt::format("{} cannot be reached ({}); is the server running, or is it another --url?",
                           address_.url, answer.failure);
    }
    if (!answer.failure.empty()) {
        return fmt::format("the answer of {} broke off ({})", address_.url, answer.failure);
    }
    const auto problem = Json::parse(answer.body);
    if (!problem || (*problem)["error"].is_absent()) {
        return fmt::format("{} answered {}; is that a Headwater server?", address_.url, answer.status);
    }
    std::string sentence = (*problem)["error"].text();
    for (const Json& error : (*problem)["errors"].elements()) {
        sentence += fmt::format("\n  {}: {}", error["pointer"].text(), error["detail"].text());
    }
    if (answer.status == 401) sentence += "\n  Keys go into --key or HEADWATER_KEY.";
    return sentence;
}

Json Server::expect_success(const HttpAnswer& answer) const {
    if (!answer.is_success()) throw std::runtime_error(complaint(answer));
    if (answer.body.empty()) return {};
    auto body = Json::parse(answer.body);
    if (!body) throw std::runtime_error(address_.url + " answered something that is no JSON");
    return *body;
}

Json Server::get(const std::string& path) {
    return expect_success(call("GET", path));
}

Json Server::put(const std::string& path, std::string_view body) {
    return expect_success(call("PUT", path, body, {kJsonBody}));
}

Json Server::post(const std::string& path, std::string_view body) {
    return expect_success(call(
        "POST", path, body, body.empty() ? std::vector<std::string>{} : std::vector<std::string>{kJsonBody}));
}

Json Server::patch(const std::string& path, std::string_view body) {
    return expect_success(call("PATCH", path, body, {kJsonBody}));
}

Json Server::remove(const std::string& path) {
    return expect_success(call("DELETE", path));
}

}  // namespace headwater::cli
