#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "cli/commands.hpp"
#include "cli/event_printer.hpp"
#include "cli/http/server.hpp"
#include "cli/interrupt.hpp"
#include "cli/live/sse_parser.hpp"

namespace headwater::cli {
namespace {

using namespace std::chrono_literals;

struct TailOptions {
    ServerAddress address;
    std::vector<std::string> types;
    std::string subject;
    std::string since;
    std::size_t limit = 0;
    bool is_json = false;
};

/// Follows the live events of one server over any number of connections.
class Tail {
  public:
    explicit Tail(const TailOptions& options)
        : options_(options),
          server_(options.address),
          printer_(options.is_json ? EventPrinter::Form::json : EventPrinter::Form::line),
          cursor_(options.since) {}

    int run() {
        for (;;) {
            const HttpAnswer answer = connect();
            if (is_interrupted() || is_over_) return kSuccess;
            if (is_refusal(answer)) throw std::runtime_error(server_.complaint(answer));
            wait_before_reconnecting(answer);
            if (is_interrupted()) return kSuccess;
        }
    }

  private:
    [[nodiscard]] std::string path() const {
        std::string query;
        const auto add = [&query](const char* name, const std::string& value) {
            if (!value.empty())
                query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, encode_url(value));
        };
        add("types", comma_list(options_.types));
        add("subject", options_.subject);
        add("since", cursor_);
        return "/api/events/stream" + query;
    }

    HttpAnswer connect() {
        HttpRequest request = server_.request("GET", path());
        request.headers.emplace_back("Accept: text/event-stream");
        request.timeout = 0s;
        SseParser parser([this](const SseMessage& message) { return on_message(message); });
        return server_.client().stream(
            request, [&parser](std::string_view bytes) { return parser.feed(bytes); },
            [this] { return is_output_open() || !(is_over_ = true); });
    }

    /// Before there ever was a connection, any trouble is an answer to the user; later only what the server
    /// refuses for good.
    [[nodiscard]] bool is_refusal(const HttpAnswer& answer) const {
        if (!was_connected_) return answer.status == 0 || answer.status >= 400;
        return answer.status >= 400 && answer.status < 500 && answer.status != 408 && answer.status != 429;
    }

    bool on_message(const SseMessage& message) {
        was_connected_ = true;
        wait_ = 500ms;
        if (!message.id.empty()) cursor_ = message.id;
        if (message.event == "cursor") {
            warn_of_gap(message.data);
            return true;
        }
        if (message.data.empty()) return true;
        const auto event = Json::parse(message.data);
        if (!event) return true;
        ++printed_;
        is_over_ = !printer_.print(*event) || (options_.limit > 0 && printed_ >= options_.limit);
        return !is_over_;
    }

    void warn_of_gap(const std::string& data) {
        const auto frame = Json::parse(data);
        if (!frame || !(*frame)["gap"].is_true()) return;
        std::cerr
            << "headwater: events may be missing here: some that lie behind the cursor may have expired\n";
    }

    void wait_before_reconnecting(const HttpAnswer& answer) {
        if (answer.status == 0 || answer.status >= 500) {
            std::cerr << "headwater: the connection is gone, trying again: " << server_.complaint(answer)
                      << "\n";
        }
        const auto end = std::chrono::steady_clock::now() + wait_;
        while (!is_interrupted() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(50ms);
        wait_ = std::min(wait_ * 2, std::chrono::milliseconds(10s));
    }

    const TailOptions& options_;
    Server server_;
    EventPrinter printer_;
    std::string cursor_;
    std::size_t printed_ = 0;
    std::chrono::milliseconds wait_ = 500ms;
    bool was_connected_ = false;
    bool is_over_ = false;
};

}  // namespace

void add_tail(Subcommand& root) {
    const auto options = std::make_shared<TailOptions>();
    Subcommand& command = root.add("tail", "Print events as they are stored");
    command.optional_argument(
        "TYPES", texts(options->types, "TYPES"),
        "Types to show, such as financial:* or **; left out, all that are not reserved");
    command.options()
        .add("subject", text(options->subject, "TEXT"), "Only events of this subject")
        .add("since", text(options->since, "ID"), "History behind this id first; beginning is all of it")
        .add("limit", number(options->limit, 0, 1'000'000'000), "End after so many events; 0 = never")
        .add("json", flag(options->is_json), "One JSON object a line");
    add_server_options(command, options->address);
    command
        .explain(
            "When the connection breaks it comes back with its cursor: nothing is missing and nothing comes "
            "twice, ephemeral events aside. Ctrl-C ends it.")
        .examples({"headwater tail", "headwater tail 'financial:*' 'monitor:*' --since beginning",
                   "headwater tail --json 'shop:order-placed' | jq .payload.total"})
        .run([options] {
            catch_interrupts();
            return Tail(*options).run();
        });
}

}  // namespace headwater::cli
