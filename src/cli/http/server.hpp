#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/http/http_client.hpp"
#include "cli/json/json_view.hpp"
#include "cli/subcommand.hpp"

namespace headwater::cli {

/// Which server the command speaks to, and with which key.
struct ServerAddress {
    std::string url = "http://127.0.0.1:8080";
    std::string key;
};

/// Adds --url (HEADWATER_URL) and --key (HEADWATER_KEY).
void add_server_options(Subcommand& command, ServerAddress& address);

/// A running server, as the commands that ask it something see it. Used by one thread.
class Server {
  public:
    explicit Server(ServerAddress address) : address_(std::move(address)) {}

    /// The body of a 2xx answer. Anything else is thrown as std::runtime_error with a sentence for the user:
    /// the problem's, or why the server cannot be reached.
    Json get(const std::string& path);
    Json put(const std::string& path, std::string_view body);
    Json post(const std::string& path, std::string_view body = "");
    Json patch(const std::string& path, std::string_view body);
    Json remove(const std::string& path);

    /// Any answer, for those who look at it themselves. `path` may also be a whole address, as in a link.
    [[nodiscard]] HttpAnswer call(const std::string& method, const std::string& path,
                                  std::string_view body = "", std::vector<std::string> headers = {});
    [[nodiscard]] HttpRequest request(const std::string& method, const std::string& path) const;
    [[nodiscard]] HttpClient& client() { return client_; }
    /// The sentence for an answer that is not 2xx.
    [[nodiscard]] std::string complaint(const HttpAnswer& answer) const;

  private:
    Json expect_success(const HttpAnswer& answer) const;

    ServerAddress address_;
    HttpClient client_;
};

}  // namespace headwater::cli
