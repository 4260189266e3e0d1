#include "app/option_checks.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sinks/email/smtp_server.hpp"
#include "sinks/rabbit/rabbit_url.hpp"
#include "transport/tls_context.hpp"

namespace headwater::app {
namespace {

namespace fs = std::filesystem;

void check_readable(const std::string& option, const std::string& file, std::vector<std::string>& mistakes) {
    if (file.empty() || access(file.c_str(), R_OK) == 0) return;
    mistakes.push_back(option + ": " + file + " cannot be read: " + std::strerror(errno));
}

/// The folder, or the nearest one above it that is there: it will be made inside.
void check_folder(const std::string& option, const fs::path& folder, std::vector<std::string>& mistakes) {
    fs::path there = folder;
    std::error_code ec;
    while (!fs::exists(there, ec) && there.has_parent_path() && there != there.parent_path()) {
        there = there.parent_path();
    }
    if (!fs::is_directory(there, ec)) {
        mistakes.push_back(option + ": " + there.string() + " is not a folder");
    } else if (access(there.c_str(), W_OK | X_OK) != 0) {
        mistakes.push_back(option + ": " + there.string() + " cannot be written: " + std::strerror(errno));
    }
}

void check_tls(const ServeOptions& options, std::vector<std::string>& mistakes) {
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        mistakes.push_back("--tls-cert, --tls-key: one without the other");
    } else if (!options.tls_cert.empty()) {
        const auto loaded = transport::TlsContext::load({options.tls_cert, options.tls_key});
        if (loaded) return;
        for (const std::string& mistake : loaded.error()) {
            mistakes.push_back("--tls-cert, --tls-key: " + mistake);
        }
    }
}

}  // namespace

void check_together(const ServeOptions& options, std::vector<std::string>& mistakes) {
    check_tls(options, mistakes);
    if (options.smtp_url.empty()) return;
    if (const auto server = sinks::SmtpServer::parse(options.smtp_url, options.mail_from); !server) {
        mistakes.push_back("--smtp-url, --mail-from: " + server.error());
    }
}

void check_files(const ServeOptions& options, std::vector<std::string>& mistakes) {
    if (options.database_url.empty()) check_folder("--data-dir", options.data_dir, mistakes);
    for (const Broker& broker : options.brokers) {
        const auto url = sinks::RabbitUrl::parse(broker.url);
        if (url && broker.url.find("cacertfile=") != std::string::npos) {
            check_readable("--rabbit, cacertfile", url->ca_file, mistakes);
        }
    }
}

}  // namespace headwater::app
