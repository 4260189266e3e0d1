#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::rest {

/// ASCII, as header names and tokens compare.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trim(std::string_view text);

/// A request's header fields in one piece of memory, which the connection uses again for its next request.
/// Names compare without regard to case; repeated fields are kept.
class Headers {
  public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    void add(std::string_view name, std::string_view value);
    void clear();

    /// The value of the first field of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    /// All values of that name joined by ", " (RFC 9110 section 5.3); "" when there is none.
    [[nodiscard]] std::string joined(std::string_view name) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] Field at(std::size_t index) const;

  private:
    struct Entry {
        std::uint32_t begin;
        std::uint32_t name_size;
        std::uint32_t value_size;
    };
    std::string text_;
    std::vector<Entry> entries_;
};

/// True when a comma-separated list names the token (`Connection: keep-alive, Upgrade`).
[[nodiscard]] bool has_token(std::string_view list, std::string_view token);

/// The token of `Authorization: Bearer` (RFC 6750 section 2.1); "" for none.
[[nodiscard]] std::string_view bearer_token(const Headers& headers);

/// The quality (0 to 1000) that an Accept or Accept-Encoding list gives to `name`, falling back to `type/*`
/// and `*` (or
/// `*/*`); nothing when the list does not speak of it.
[[nodiscard]] std::optional<int> quality_of(std::string_view list, std::string_view name);

}  // namespace headwater::rest
