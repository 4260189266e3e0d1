#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/send/event_sender.hpp"
#include "cli/send/send_progress.hpp"
#include "cli/terminal/terminal.hpp"
#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

constexpr std::size_t kListed = 100;

struct Send {
    ServerAddress address;
    std::string type;
    std::string payload;
    std::string subject;
    std::string id;
    std::string occurred_at;
    std::string idempotency_key;
    std::string file;
    std::string rejected_file;
    std::size_t batch = 500;
    std::chrono::seconds patience{300};
    bool is_again = false;
    bool is_json = false;

    [[nodiscard]] bool is_single() const { return !payload.empty(); }
    [[nodiscard]] bool is_piped() const { return file.empty() || file == "-"; }
};

void look_for_mistakes(const Send& send, std::vector<std::string>& mistakes) {
    if (send.is_single() && !send.file.empty()) mistakes.push_back("PAYLOAD and --file: one of them");
    if (send.is_single()) {
        if (const auto checked = check_json(send.payload); !checked) {
            mistakes.push_back("PAYLOAD: " + checked.error() + " A text needs quotes of its own: '\"text\"'");
        }
    } else if (!send.subject.empty() || !send.id.empty() || !send.occurred_at.empty()) {
        mistakes.emplace_back("--subject, --id and --occurred-at belong to one event: TYPE PAYLOAD");
    } else if (send.file.empty() && is_terminal(STDIN_FILENO)) {
        mistakes.emplace_back("nothing to send: give TYPE PAYLOAD, --file FILE, or events on standard input");
    }
    if (!send.file.empty() && send.file != "-" && access(send.file.c_str(), R_OK) != 0) {
        mistakes.push_back("--file: " + send.file + " cannot be read");
    }
}

std::string random_text() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

std::string event_of(const Send& send) {
    std::string event = "{\"type\":" + to_json_string(send.type);
    const auto add = [&event](const char* name, const std::string& value) {
        if (!value.empty()) event += fmt::format(",\"{}\":", name) + to_json_string(value);
    };
    add("id", send.id);
    add("subject", send.subject);
    add("occurredAt", send.occurred_at);
    return event + ",\"payload\":" + send.payload + "}";
}

/// The input's key seed. A file's is fixed, so that a second run of an interrupted sending goes on; what
/// comes through a pipe is new each time.
std::string seed_of(const Send& send) {
    if (!send.idempotency_key.empty()) return send.idempotency_key;
    if (send.is_again || send.is_piped()) return random_text();
    return "file " + std::filesystem::path(send.file).filename().string();
}

/// One event from the arguments.
int send_one(const Send& send, Server& server) {
    const std::string key = send.idempotency_key.empty() ? random_text() : send.idempotency_key;
    EventSender sender(server, {key, send.patience},
                       [progress = std::make_shared<SendProgress>(std::nullopt)](
                           const auto& reason, auto so_far) { progress->show_waiting(reason, so_far); });
    const HttpAnswer answer = sender.send_single(event_of(send), key);
    if (!answer.is_success()) throw std::runtime_error(server.complaint(answer));
    const auto body = Json::parse(answer.body).value_or(Json());
    const bool is_duplicate = body["duplicate"].is_true();
    return write_output(send.is_json ? body.compact() + "\n"
                                     : fmt::format("{} {}{}\n", body["id"].text(), body["created_at"].text(),
                                                   is_duplicate ? " (stored earlier)" : ""))
               ? kSuccess
               : kFailure;
}

/// Many events from a file or a pipe, and what is said about them.
class Sending {
  public:
    Sending(const Send& send, Server& server)
        : send_(send),
          reader_(send.file.empty() ? "-" : send.file),
          progress_(reader_.size()),
          sender_(server, {seed_of(send), send.patience},
                  [this](const auto& reason, auto so_far) { progress_.show_waiting(reason, so_far); }) {
        if (!send.rejected_file.empty()) rejected_file_.open(send.rejected_file, std::ios::trunc);
    }

    int run() {
        Chunker chunker(reader_, {send_.batch, 3'500'000}, send_.type);
        while (failure_.empty() && !is_interrupted()) {
            const auto chunk = chunker.next();
            if (!chunk) break;
            take(*chunk, sender_.send(*chunk));
        }
        if (is_interrupted()) failure_ = "interrupted";
        progress_.clear();
        return tell();
    }

  private:
    void take(const EventChunk& chunk, ChunkOutcome outcome) {
        tally_.stored += outcome.stored;
        tally_.duplicates += outcome.duplicates;
        for (Rejection& rejection : outcome.rejections) note(std::move(rejection));
        failure_ = std::move(outcome.failure);
        if (failure_.empty()) {
            tally_.bytes = chunk.end_offset;
            last_line_ = chunk.numbers.back();
        }
        progress_.show(tally_);
    }

    void note(Rejection rejection) {
        ++tally_.rejected;
        if (rejected_file_.is_open()) rejected_file_ << rejection.text << "\n";
        if (listed_.size() < kListed) {
            progress_.clear();
            if (!send_.is_json) {
                std::cerr << fmt::format("line {}: {}\n", rejection.line, printable(rejection.reason));
            }
            listed_.push_back(std::move(rejection));
        }
    }

    [[nodiscard]] int tell() {
        const std::string text = send_.is_json ? json_summary() : summary();
        if (!failure_.empty() && !send_.is_json) {
            std::cerr << "headwater: " << failure_ << "\n";
            std::cerr << fmt::format(
                "stopped behind line {}{}\n", with_commas(static_cast<long long>(last_line_)),
                send_.is_piped() ? "" : "; run it again to go on: what was taken is not stored twice");
        }
        const bool is_written = write_output(text);
        return failure_.empty() && tally_.rejected == 0 && is_written ? kSuccess : kFailure;
    }

    [[nodiscard]] std::string summary() const {
        const auto number = [](std::uint64_t count) { return with_commas(static_cast<long long>(count)); };
        std::string text = fmt::format("{} stored", number(tally_.stored));
        if (tally_.duplicates > 0) text += fmt::format(", {} stored earlier", number(tally_.duplicates));
        if (tally_.rejected > 0) text += fmt::format(", {} rejected", number(tally_.rejected));
        if (tally_.rejected > listed_.size())
            text += fmt::format(" (the first {} are listed)", listed_.size());
        const double rate = static_cast<double>(tally_.events()) / progress_.seconds();
        return text + fmt::format(" in {:.1f} s, {}/s\n", progress_.seconds(),
                                  number(static_cast<std::uint64_t>(rate)));
    }

    [[nodiscard]] std::string json_summary() const {
        std::string rejected;
        for (const Rejection& one : listed_) {
            rejected +=
                fmt::format("{}{{\"line\":{},\"status\":{},\"reason\":{}}}", rejected.empty() ? "" : ",",
                            one.line, one.status, to_json_string(one.reason));
        }
        std::string text = fmt::format(
            "{{\"stored\":{},\"duplicates\":{},\"rejected\":{},\"last_line\":{},\"seconds\":{:.3f},"
            "\"rejections\":[{}]",
            tally_.stored, tally_.duplicates, tally_.rejected, last_line_, progress_.seconds(), rejected);
        if (!failure_.empty()) text += ",\"failure\":" + to_json_string(failure_);
        return text + "}\n";
    }

    const Send& send_;
    LineReader reader_;
    SendProgress progress_;
    EventSender sender_;
    std::ofstream rejected_file_;
    SendTally tally_;
    std::vector<Rejection> listed_;
    std::uint64_t last_line_ = 0;
    std::string failure_;
};

int run(const Send& send) {
    catch_interrupts();
    Server server(send.address);
    return send.is_single() ? send_one(send, server) : Sending(send, server).run();
}

void add_options(Subcommand& command, Send& send) {
    command
        .optional_argument("TYPE", text(send.type, "TYPE"),
                           "The event's type; without PAYLOAD, each line of the input is a payload of it")
        .optional_argument("PAYLOAD", text(send.payload, "PAYLOAD"), "The event's payload, as JSON");
    command.options()
        .add("subject", text(send.subject, "TEXT"), "What the event is about")
        .add("id", text(send.id, "ID"), "Your own id of the event: a second one of its type is not stored")
        .add("occurred-at", text(send.occurred_at, "TIME"), "When it happened (RFC 3339)")
        .add("file", text(send.file, "FILE"),
             "Send this file of events, one JSON object a line; - is standard input")
        .add("batch", number(send.batch, 1, 2000), "Events in one request")
        .add("rejected", text(send.rejected_file, "FILE"), "Write the lines that were refused to this file")
        .add("retry-for", seconds(send.patience, 86'400), "How long to go on trying while the server is away")
        .add("idempotency-key", text(send.idempotency_key, "KEY"),
             "Sendings with one key are one: what a former run has sent is not stored again")
        .add("again", flag(send.is_again), "Send a file that was sent before as new events")
        .add("json", flag(send.is_json), "Print the outcome as JSON");
    add_server_options(command, send.address);
}

}  // namespace

void add_send(Subcommand& root) {
    const auto send = std::make_shared<Send>();
    Subcommand& command = root.add("send", "Send one event, a file of events, or events from standard input");
    add_options(command, *send);
    command
        .explain(
            "An event is a JSON object: {\"type\": …, \"payload\": …}, and if you like \"id\", \"subject\" "
            "and "
            "\"occurredAt\". Its type must be registered.\n"
            "A file is sent in requests of --batch lines, in its order. When the server is away it waits and "
            "goes "
            "on; when it is interrupted, run it again: within 24 hours nothing of a file of the same name, "
            "content and --batch is stored twice. Lines that the server refuses are listed and take no "
            "others "
            "with them.\n"
            "Exit code: 0 everything was taken, 1 something was refused or could not be sent, 2 wrong usage.")
        .examples({"headwater send financial:end-budget '{\"campaign_id\": 1}' --subject campaign-1",
                   "headwater send --file events.ndjson --rejected refused.ndjson",
                   "zcat 2026-*.ndjson.gz | headwater send",
                   "jq -c '.orders[]' orders.json | headwater send shop:order-placed"})
        .check([send](auto& mistakes) { look_for_mistakes(*send, mistakes); })
        .run([send] { return run(*send); });
}

}  // namespace headwater::cli
