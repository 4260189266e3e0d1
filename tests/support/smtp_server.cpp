#include "tests/support/smtp_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

std::string text_of(const rapidjson::Value& mail, const char* name) {
    const auto& value = mail[name];
    return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : std::string();
}

ReceivedMail read_mail(const rapidjson::Value& mail) {
    ReceivedMail read;
    read.sender = text_of(mail, "sender");
    read.raw_headers = text_of(mail, "raw_headers");
    read.text = text_of(mail, "text");
    read.html = text_of(mail, "html");
    read.is_over_tls = mail["tls"].GetBool();
    for (const auto& recipient : mail["recipients"].GetArray())
        read.recipients.emplace_back(recipient.GetString());
    for (const auto& header : mail["headers"].GetObject())
        read.headers[header.name.GetString()] = header.value.GetString();
    // Python's e-mail package ends each text with the line end that mail demands.
    while (read.text.ends_with('\n')) read.text.pop_back();
    return read;
}

}  // namespace

SmtpServer::SmtpServer(const std::string& user_and_password) {
    postgres::Command server{.arguments = {"/usr/bin/python3", std::string(HEADWATER_SOURCE_DIR) +
                                                                   "/tests/support/smtp_server.py"}};
    if (!user_and_password.empty()) {
        make_certificate();
        for (const std::string& word :
             {std::string("--cert"), certificate(), std::string("--key"), (folder_ / "key.pem").string(),
              std::string("--user"), user_and_password}) {
            server.arguments.push_back(word);
        }
    }
    const std::string said = (folder_ / "out").string(), complained = (folder_ / "err").string();
    const FileDescriptor out(::open(said.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const FileDescriptor err(::open(complained.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    server.output = out.get();
    server.errors = err.get();
    process_.emplace(postgres::ChildProcess::launch(server));
    const bool is_up = eventually(seconds(30), [&] {
        std::string smtp, control;
        return static_cast<bool>(std::ifstream(said) >> smtp >> port_ >> control >> control_port_);
    });
    if (is_up) return;
    std::ostringstream complaint;
    complaint << std::ifstream(complained).rdbuf();
    throw std::runtime_error("the test's mail server did not start: " + complaint.str());
}

std::string SmtpServer::url() const {
    return fmt::format("smtp://127.0.0.1:{}", port_);
}

std::vector<ReceivedMail> SmtpServer::mails() const {
    rapidjson::Document answer;
    answer.Parse(control(R"({"do":"mails"})").c_str());
    std::vector<ReceivedMail> mails;
    for (const auto& mail : answer["mails"].GetArray()) mails.push_back(read_mail(mail));
    return mails;
}

void SmtpServer::answer_recipient(const std::string& address, const std::string& reply, int times) const {
    control(
        fmt::format(R"({{"do":"recipient","address":"{}","reply":"{}","times":{}}})", address, reply, times));
}

void SmtpServer::answer_mail(const std::string& reply, int times) const {
    control(fmt::format(R"({{"do":"data","reply":"{}","times":{}}})", reply, times));
}

std::string SmtpServer::control(const std::string& order) const {
    const FileDescriptor socket = connect_to(control_port_);
    if (!send_all(socket, order + "\n")) throw std::runtime_error("the test's mail server is gone");
    std::string answer;
    std::array<char, 65536> buffer{};
    while (postgres::wait_readable(socket.get(), steady_clock::now() + seconds(10))) {
        const auto size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (size <= 0) break;
        answer.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return answer;
}

void SmtpServer::make_certificate() const {
    const auto done =
        postgres::run({.arguments = {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                     "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                     "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                                     (folder_ / "key.pem").string(), "-out", certificate()}},
                      steady_clock::now() + seconds(30));
    if (!done.status.is_success()) throw std::runtime_error("openssl: " + done.output);
}

}  // namespace headwater::testing
