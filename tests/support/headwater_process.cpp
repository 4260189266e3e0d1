#include "tests/support/headwater_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

#include "tests/support/build_dir.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

std::string binary() {
    const char* named = std::getenv("HEADWATER_BINARY");
    return named != nullptr ? named : (build_dir() / "headwater").string();
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

FileDescriptor open_to_append(const std::filesystem::path& path) {
    return FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

/// Our own environment, without what would change the server's options.
std::vector<std::string> environment() {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("HEADWATER_")) {
            result.emplace_back(*entry);
        }
    }
    return result;
}

}  // namespace

HeadwaterProcess::HeadwaterProcess(std::vector<std::string> options) : options_(std::move(options)) {}

HeadwaterProcess::~HeadwaterProcess() {
    if (process_) {
        stop();
        process_.reset();
    }
    // Whatever happened, the private PostgreSQL does not outlive the test.
    [[maybe_unused]] const bool is_gone = postgres_processes().end(steady_clock::now() + seconds(20));
}

postgres::ClusterProcesses HeadwaterProcess::postgres_processes() const {
    const auto folder = data_dir() / "postgres";
    struct stat found {};
    ::stat(folder.c_str(), &found);
    return {.folder = folder, .owner = found.st_uid};
}

void HeadwaterProcess::launch() {
    std::filesystem::remove(folder_ / "stdout");
    const FileDescriptor output = open_to_append(folder_ / "stdout");
    const FileDescriptor errors = open_to_append(folder_ / "stderr");
    postgres::Command command{
        .arguments = {binary(), "serve", "--listen", fmt::format("127.0.0.1:{}", port_), "--ops-listen",
                      fmt::format("127.0.0.1:{}", ops_port_), "--data-dir", data_dir().string()},
        .environment = environment(),
        .directory = folder_.path(),
        .output = output.get(),
        .errors = errors.get()};
    command.arguments.insert(command.arguments.end(), options_.begin(), options_.end());
    process_.emplace(postgres::ChildProcess::launch(command));
}

void HeadwaterProcess::start(seconds patience) {
    launch();
    std::optional<postgres::ExitStatus> ended;
    const bool is_ready = eventually(patience, [&] {
        ended = process_->wait_until(steady_clock::now());
        return ended || reads_ready_line();
    });
    if (!is_ready || ended) {
        throw std::runtime_error(
            fmt::format("headwater {}: {}", ended ? to_string(*ended) : "is not ready", standard_error()));
    }
}

bool HeadwaterProcess::reads_ready_line() {
    static const std::regex kReady(R"(headwater ready https?://\S+:(\d+) ops https?://\S+:(\d+)\n)");
    const std::string text = standard_output();
    std::smatch found;
    if (!std::regex_search(text, found, kReady)) {
        return false;
    }
    port_ = static_cast<std::uint16_t>(std::stoi(found[1]));
    ops_port_ = static_cast<std::uint16_t>(std::stoi(found[2]));
    return true;
}

postgres::ExitStatus HeadwaterProcess::run(seconds patience) {
    launch();
    const auto status = wait(patience);
    if (!status) {
        throw std::runtime_error("headwater did not end: " + standard_error());
    }
    return *status;
}

std::optional<postgres::ExitStatus> HeadwaterProcess::stop(seconds patience) {
    signal(SIGTERM);
    return wait(patience);
}

void HeadwaterProcess::kill() {
    signal(SIGKILL);
    [[maybe_unused]] const auto status = wait(seconds(10));
}

void HeadwaterProcess::kill_with_postgres() {
    signal(SIGKILL);
    const auto postgres = postgres_processes();
    if (!eventually(seconds(10), [&postgres] {
            postgres.kill();
            return postgres.find().empty();
        })) {
        throw std::runtime_error("the private PostgreSQL does not end");
    }
    [[maybe_unused]] const auto status = wait(seconds(10));
}

void HeadwaterProcess::signal(int number) {
    process_->signal(number);
}

std::optional<postgres::ExitStatus> HeadwaterProcess::wait(seconds patience) {
    return process_->wait_until(steady_clock::now() + patience);
}

std::string HeadwaterProcess::standard_error() const {
    return read_file(folder_ / "stderr");
}

std::string HeadwaterProcess::standard_output() const {
    return read_file(folder_ / "stdout");
}

}  // namespace headwater::testing
