#include "postgres/embedded_server.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <stdexcept>

#include "core/log.hpp"
#include "postgres/cluster.hpp"
#include "postgres/data_lock.hpp"
#include "postgres/embedded_supervisor.hpp"

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;

fs::path make_data_dir(const fs::path& wanted) {
    std::error_code failed;
    const fs::path path = fs::weakly_canonical(fs::absolute(wanted), failed);
    const bool is_new = !failed && fs::create_directories(path, failed);
    if (failed || !fs::is_directory(path, failed)) {
        throw std::runtime_error(fmt::format("The data directory {} could not be made.", wanted.string()));
    }
    if (is_new) {
        // As root, PostgreSQL's own user has to pass through it.
        ::chmod(path.c_str(), is_root() ? 0755 : 0700);
    }
    return path;
}

}  // namespace

EmbeddedServer::EmbeddedServer(std::unique_ptr<EmbeddedSupervisor> supervisor)
    : supervisor_(std::move(supervisor)) {}

EmbeddedServer::~EmbeddedServer() = default;

std::unique_ptr<EmbeddedServer> EmbeddedServer::start(const EmbeddedOptions& options) {
    const fs::path data_dir = make_data_dir(options.data_dir);
    DataLock lock(data_dir);
    Cluster cluster = Cluster::prepare(data_dir, options.installations);
    auto supervisor =
        std::make_unique<EmbeddedSupervisor>(std::move(lock), std::move(cluster), data_dir, options);
    supervisor->start();
    return std::unique_ptr<EmbeddedServer>(new EmbeddedServer(std::move(supervisor)));
}

std::string EmbeddedServer::url() const {
    return supervisor_->url();
}

bool EmbeddedServer::is_running() const {
    return supervisor_->is_running();
}

pid_t EmbeddedServer::postmaster_pid() const {
    return supervisor_->postmaster_pid();
}

void EmbeddedServer::stop() {
    supervisor_->stop();
}

}  // namespace headwater::postgres
