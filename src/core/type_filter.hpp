#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// True for 1-200 characters: segments of [A-Za-z0-9_.-], at least one character each, joined by ':'.
[[nodiscard]] bool is_event_type_name(std::string_view name);

/// True for names under the prefixes room:, monitor: and headwater:, which only Headwater itself may send.
[[nodiscard]] bool is_reserved_type(std::string_view name);

/// A set of type filters as in `types=financial:end-budget,campaign:*`: exact names, `*` for exactly one
/// segment, a trailing
/// `**` for any rest of one or more segments. No filter at all means every type without a reserved prefix; a
/// reserved type matches only a filter whose first segment names the prefix. Immutable after parsing, so free
/// to share between threads.
class TypeFilter {
  public:
    static constexpr std::size_t kMaxFilters = 100;

    /// Matches everything but reserved prefixes.
    TypeFilter() = default;

    /// Comma-separated text, as in a query; "" is the default filter. The error is one sentence that names
    /// the bad filter.
    [[nodiscard]] static std::expected<TypeFilter, std::string> parse(std::string_view text);
    [[nodiscard]] static std::expected<TypeFilter, std::string> from_list(
        const std::vector<std::string>& filters);

    /// Matches nothing at all.
    [[nodiscard]] static TypeFilter none();
    /// Matches exactly what both match. May hold more than kMaxFilters filters.
    [[nodiscard]] static TypeFilter both(const TypeFilter& a, const TypeFilter& b);
    /// Matches what one of them matches; neither is the default filter.
    [[nodiscard]] static TypeFilter either(const TypeFilter& a, const TypeFilter& b);

    [[nodiscard]] bool matches(std::string_view type) const;
    /// True only if it matches whatever the other one matches.
    [[nodiscard]] bool covers(const TypeFilter& other) const;
    [[nodiscard]] bool is_default() const { return filters_.empty() && !is_none_; }
    [[nodiscard]] bool is_none() const { return is_none_; }
    /// The filters, sorted and without repeats: equal sets have equal lists (canonical links, cache keys).
    [[nodiscard]] const std::vector<std::string>& filters() const { return filters_; }
    /// The filters joined by commas; "" for the default, "!" for none(): equal filters have equal texts.
    [[nodiscard]] std::string to_text() const;

  private:
    void set(std::vector<std::string> filters);

    bool is_none_ = false;
    std::vector<std::string> filters_;
};

}  // namespace headwater
