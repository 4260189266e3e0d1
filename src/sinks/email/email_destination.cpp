#include "sinks/email/email_destination.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <functional>

#include "core/json_text.hpp"
#include "sinks/email/email_address.hpp"
#include "sinks/email/email_template.hpp"
#include "sinks/option_reader.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kMaxRetries = 50;
constexpr std::size_t kMaxSubject = 500;
constexpr std::size_t kMaxTemplate = 100'000;

EmailDestination read_members(OptionReader& options) {
    EmailDestination to;
    to.to = options.required_list("to", EmailDestination::kMaxRecipients);
    to.subject = options.text("subject").value_or("");
    to.template_ = options.text("template").value_or("");
    to.retries = options.waits("retries", kMaxRetries);
    return to;
}

void check_recipients(OptionReader& options, const EmailDestination& to) {
    for (std::size_t i = 0; i < to.to.size(); ++i) {
        const std::string pointer = to.to.size() == 1 ? "/to" : fmt::format("/to/{}", i);
        if (!is_email_address(to.to[i]))
            options.fail(pointer, "This is no e-mail address such as ops@example.org.");
        if (std::ranges::count(to.to, to.to[i]) > 1) options.fail(pointer, "This address is there twice.");
    }
}

void check_template(OptionReader& options, const std::string& name, const std::string& text,
                    std::size_t most) {
    if (text.size() > most) options.fail("/" + name, fmt::format("At most {} bytes.", most));
    if (const auto parsed = EmailTemplate::parse(text); !parsed) options.fail("/" + name, parsed.error());
}

}  // namespace

std::expected<EmailDestination, std::vector<FieldError>> EmailDestination::parse(
    std::string_view stream_json) {
    OptionReader options(stream_json);
    EmailDestination to = read_members(options);
    check_recipients(options, to);
    if (has_controls(to.subject)) options.fail("/subject", "A subject has no control characters.");
    check_template(options, "subject", to.subject, kMaxSubject);
    check_template(options, "template", to.template_, kMaxTemplate);
    if (auto errors = options.finish(); !errors.empty()) return std::unexpected(std::move(errors));
    return to;
}

EmailDestination EmailDestination::from_json(std::string_view json) {
    OptionReader options(json);
    return read_members(options);
}

std::string EmailDestination::to_json() const {
    return "{" + describe() + "}";
}

std::string EmailDestination::describe() const {
    std::vector<std::string> recipients;
    for (const std::string& one : to) recipients.push_back(to_json_string(one));
    std::string json = to.size() == 1 ? "\"to\":" + recipients.front()
                                      : fmt::format("\"to\":[{}]", fmt::join(recipients, ","));
    if (!subject.empty()) json += ",\"subject\":" + to_json_string(subject);
    if (!template_.empty()) json += ",\"template\":" + to_json_string(template_);
    if (!retries.empty()) {
        std::vector<std::string> waits;
        for (const std::chrono::seconds wait : retries) waits.push_back(fmt::format("\"{}s\"", wait.count()));
        json += fmt::format(",\"retries\":[{}]", fmt::join(waits, ","));
    }
    return json;
}

std::string EmailDestination::default_name() const {
    const std::string all = fmt::format("{}", fmt::join(to, ","));
    std::string name = "email-";
    for (const char c : to.empty() ? std::string() : to.front()) {
        const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
        name += is_plain ? c : '-';
    }
    const bool is_cut = name.size() > 80;
    if (is_cut) name.resize(80);
    if (is_cut || to.size() > 1) name += fmt::format("-{:08x}", std::hash<std::string>{}(all)&0xffffffffU);
    return name;
}

}  // namespace headwater::sinks
