#include "tests/support/rabbit_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "tests/support/eventually.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;
using postgres::Command;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* kPrograms = "/usr/lib/rabbitmq/bin/";
constexpr auto kStartPatience = seconds(90);

std::string read_file(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// RabbitMQ's scripts refuse root; anybody else runs it as himself.
std::optional<postgres::Account> rabbit_account() {
    if (!postgres::is_root()) {
        return std::nullopt;
    }
    auto account = postgres::find_account("rabbitmq");
    if (!account) {
        throw std::runtime_error("there is no user rabbitmq: install the package rabbitmq-server");
    }
    return account;
}

}  // namespace

RabbitServer::RabbitServer()
    : account_(rabbit_account()),
      port_(free_port()),
      mapper_port_(free_port()),
      node_port_(free_port()),
      tls_port_(free_port()),
      certificate_(make_certificate(folder_.path())) {
    if (account_) {
        ::chown(folder_.path().c_str(), account_->uid, account_->gid);
    }
    write_files();
    start_port_mapper();
    start();
}

RabbitServer::~RabbitServer() {
    kill();
}

std::string RabbitServer::url() const {
    return url_through(port_);
}

std::string RabbitServer::url_through(std::uint16_t proxy_port) const {
    return fmt::format("amqp://guest:guest@127.0.0.1:{}", proxy_port);
}

std::string RabbitServer::tls_url() const {
    return fmt::format("amqps://guest:guest@localhost:{}", tls_port_);
}

void RabbitServer::write_files() const {
    std::ofstream(folder_ / "rabbitmq.conf")
        << fmt::format("listeners.tcp.default = 127.0.0.1:{}\n", port_)
        << fmt::format("listeners.ssl.default = 127.0.0.1:{}\n", tls_port_)
        << "ssl_options.cacertfile = " << certificate_.authority.string()
        << "\nssl_options.certfile = " << certificate_.certificate.string()
        << "\nssl_options.keyfile = " << certificate_.key.string() << "\nssl_options.verify = verify_none\n"
        << "log.console = true\nlog.console.level = warning\n";
    std::ofstream(folder_ / "enabled_plugins") << "[].\n";
}

Command RabbitServer::command(std::vector<std::string> arguments) const {
    const std::string folder = folder_.path().string();
    return {
        .arguments = std::move(arguments),
        .environment =
            {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=" + folder,
             "RABBITMQ_MNESIA_BASE=" + folder + "/mnesia", "RABBITMQ_LOG_BASE=" + folder + "/log",
             "RABBITMQ_PID_FILE=" + folder + "/pid", "RABBITMQ_CONFIG_FILE=" + folder + "/rabbitmq",
             "RABBITMQ_ENABLED_PLUGINS_FILE=" + folder + "/enabled_plugins",
             "RABBITMQ_CONF_ENV_FILE=" + folder + "/none",
             fmt::format("RABBITMQ_NODENAME=t{}@localhost", port_),
             fmt::format("ERL_EPMD_PORT={}", mapper_port_), fmt::format("RABBITMQ_DIST_PORT={}", node_port_),
             "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
             // The script then becomes the server instead of waiting for it, so that its pid is the server's.
             "NOTIFY_SOCKET=" + folder + "/none"},
        .directory = folder_.path(),
        .account = account_};
}

void RabbitServer::start_port_mapper() {
    mapper_.emplace(postgres::ChildProcess::launch(
        command({"/usr/bin/epmd", "-port", std::to_string(mapper_port_), "-address", "127.0.0.1"})));
}

void RabbitServer::start() {
    const FileDescriptor log(
        ::open((folder_ / "server.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    Command server = command({std::string(kPrograms) + "rabbitmq-server"});
    server.output = log.get();
    server.errors = log.get();
    node_.emplace(postgres::ChildProcess::launch(server));
    if (!eventually(kStartPatience, [this] { return takes_connections(); })) {
        throw std::runtime_error("the test's RabbitMQ did not start: " + read_file(folder_ / "server.log"));
    }
}

bool RabbitServer::takes_connections() const {
    // The port is open a little before the broker is: it is ready when it answers the protocol's greeting.
    try {
        const FileDescriptor socket = connect_to(port_);
        std::array<char, 1> first{};
        return send_all(socket, std::string_view("AMQP\0\0\x09\x01", 8)) &&
               postgres::wait_readable(socket.get(), steady_clock::now() + seconds(2)) &&
               ::recv(socket.get(), first.data(), first.size(), 0) == 1;
    } catch (const std::system_error&) {
        return false;
    }
}

void RabbitServer::stop() {
    if (node_) {
        node_->signal(SIGTERM);
        [[maybe_unused]] const auto status = node_->wait_until(steady_clock::now() + seconds(30));
        kill();
    }
}

void RabbitServer::kill() {
    node_.reset();
}

void RabbitServer::raise_alarm() {
    control({"set_vm_memory_high_watermark", "0.00000001"});
}

void RabbitServer::clear_alarm() {
    control({"set_vm_memory_high_watermark", "0.4"});
}

std::string RabbitServer::control(std::vector<std::string> words) const {
    words.insert(words.begin(), std::string(kPrograms) + "rabbitmqctl");
    const auto done = postgres::run(command(std::move(words)), steady_clock::now() + seconds(60));
    if (!done.status.is_success()) {
        throw std::runtime_error("rabbitmqctl: " + done.output);
    }
    return done.output;
}

}  // namespace headwater::testing
