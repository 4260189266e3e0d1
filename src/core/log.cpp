#include "core/log.hpp"

#include <unistd.h>

#include <memory>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/json_text.hpp"
#include "core/time.hpp"

namespace headwater::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::trace:
            return "trace";
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "";
}

/// Where the process's lines go: made at the first line, lives until the process ends.
struct Output {
    const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    const std::shared_ptr<spdlog::logger> logger = make_logger();

    std::shared_ptr<spdlog::logger> make_logger() const {
        spdlog::sink_ptr sink;
        if (is_terminal) {
            sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
        } else {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        }
        auto made = std::make_shared<spdlog::logger>("headwater", std::move(sink));
        made->set_pattern(is_terminal ? "%H:%M:%S.%e %^%-5l%$ %v" : "%v");
        return made;
    }
};

// Never destroyed: threads may still log while the process exits.
Output& output() {
    static auto* const instance = new Output;
    return *instance;
}

// A value may come from a library: what is not UTF-8 must not spoil the line.
std::string to_utf8(std::string_view value) {
    std::string text(value);
    if (!is_valid_utf8(text)) {
        for (char& c : text) c = static_cast<signed char>(c) < 0 ? '?' : c;
    }
    return text;
}

bool is_json_number(const Field& field) {
    return field.is_number && field.value.find_first_not_of("-0123456789.") == std::string::npos;
}

std::string to_json(Level level, std::string_view fact, std::initializer_list<Field> fields) {
    std::string line = R"({"time":")" + format_time(SystemClock().now()) + R"(","level":")";
    line += name_of(level);
    line += R"(","fact":)";
    append_json_string(line, fact);
    for (const auto& field : fields) {
        line += ',';
        append_json_string(line, field.name);
        line += ':';
        if (is_json_number(field)) {
            line += field.value;
        } else {
            append_json_string(line, to_utf8(field.value));
        }
    }
    line += '}';
    return line;
}

std::string to_text(std::string_view fact, std::initializer_list<Field> fields) {
    std::string line(fact);
    for (const auto& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        const bool is_plain =
            !field.value.empty() && field.value.find_first_of(" \"\\\t\r\n\x1b") == std::string::npos;
        if (is_plain) {
            line += field.value;
        } else {
            append_json_string(line, to_utf8(field.value));
        }
    }
    return line;
}

}  // namespace

void write(Level level, std::string_view fact, std::initializer_list<Field> fields) {
    if (!is_enabled(level)) return;
    const auto& out = output();
    const auto line = out.is_terminal ? to_text(fact, fields) : to_json(level, fact, fields);
    out.logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void set_level(Level level) {
    output().logger->set_level(to_spdlog(level));
}

bool is_enabled(Level level) {
    return output().logger->should_log(to_spdlog(level));
}

}  // namespace headwater::log
