#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace headwater::log {

enum class Level { trace, debug, info, warn, error };

/// One named value of a log line.
struct Field {
    std::string_view name;
    std::string value;
    bool is_number = false;

    Field(std::string_view n, std::string_view v) : name(n), value(v) {}
    Field(std::string_view n, const std::string& v) : name(n), value(v) {}
    Field(std::string_view n, const char* v) : name(n), value(v) {}
    template <class Number>
    requires std::is_arithmetic_v<Number> Field(std::string_view n, Number v)
        : name(n), value(std::to_string(v)), is_number(true) {}
};

/// Writes one structured line to standard error: text on a terminal, a JSON object elsewhere. `fact` names
/// what happened
/// ("event.accepted", "delivery.failed"). Thread-safe. Never pass secrets or payloads.
void write(Level level, std::string_view fact, std::initializer_list<Field> fields = {});

inline void debug(std::string_view fact, std::initializer_list<Field> fields = {}) {
    write(Level::debug, fact, fields);
}
inline void info(std::string_view fact, std::initializer_list<Field> fields = {}) {
    write(Level::info, fact, fields);
}
inline void warn(std::string_view fact, std::initializer_list<Field> fields = {}) {
    write(Level::warn, fact, fields);
}
inline void error(std::string_view fact, std::initializer_list<Field> fields = {}) {
    write(Level::error, fact, fields);
}

/// From here on only this level and above is written. Default: info.
void set_level(Level level);
[[nodiscard]] bool is_enabled(Level level);

}  // namespace headwater::log
