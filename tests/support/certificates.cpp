#include "tests/support/certificates.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "postgres/process.hpp"

namespace headwater::testing {

void run_openssl(const std::filesystem::path& folder, std::vector<std::string> words) {
    words.insert(words.begin(), "/usr/bin/openssl");
    postgres::Command command;
    command.arguments = std::move(words);
    command.environment = {"PATH=/usr/bin:/bin"};
    command.directory = folder;
    const auto done = postgres::run(command, std::chrono::steady_clock::now() + std::chrono::seconds(30));
    if (!done.status.is_success()) throw std::runtime_error("openssl: " + done.output);
}

TestCertificate make_certificate(const std::filesystem::path& folder, const std::string& common_name,
                                 int days) {
    const std::vector<std::string> new_key{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                                           "-nodes"};
    std::ofstream(folder / "names") << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    std::vector<std::string> authority{"req",    "-x509", "-days",  "2",     "-keyout",
                                       "ca.key", "-out",  "ca.pem", "-subj", "/CN=the test's authority"};
    authority.insert(authority.end(), new_key.begin(), new_key.end());
    run_openssl(folder, std::move(authority));
    std::vector<std::string> request{"req",     "-keyout", "key.pem",           "-out",
                                     "request", "-subj",   "/CN=" + common_name};
    request.insert(request.end(), new_key.begin(), new_key.end());
    run_openssl(folder, std::move(request));
    run_openssl(folder,
                {"x509", "-req", "-days", std::to_string(days), "-in", "request", "-CA", "ca.pem", "-CAkey",
                 "ca.key", "-CAcreateserial", "-extfile", "names", "-out", "certificate.pem"});
    std::filesystem::permissions(folder / "key.pem", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    return {folder / "ca.pem", folder / "certificate.pem", folder / "key.pem"};
}

}  // namespace headwater::testing
