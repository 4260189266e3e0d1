#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.hpp"
#include "core/live_request.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// What one live subscriber wants now: the filters that it connected with and those that it has added or
/// removed since, and of these what its key may read. Unlike a TypeFilter it can be empty (everything was
/// unsubscribed) and can hold the default filter beside named ones. A value.
class LiveFilter {
  public:
    explicit LiveFilter(TypeFilter types, std::optional<std::string> subject = std::nullopt);
    explicit LiveFilter(const LiveRequest& request);
    /// These types, and of them these subjects; nothing at all when there is no type.
    [[nodiscard]] static LiveFilter of_subjects(const std::vector<std::string>& types,
                                                std::vector<std::string> subjects);

    [[nodiscard]] bool matches_type(std::string_view type) const;
    [[nodiscard]] bool matches(const Event& event) const;
    [[nodiscard]] bool is_empty() const { return !has_default_ && named_.is_default(); }
    [[nodiscard]] const std::optional<std::string>& subject() const { return subject_; }
    /// Sorted; none: whatever the subject.
    [[nodiscard]] const std::vector<std::string>& subjects() const { return subjects_; }
    /// Equal filters have equal keys.
    [[nodiscard]] const std::string& key() const { return key_; }
    /// A filter that narrows a read of the log: it lets through at least what matches. Null: read every type.
    [[nodiscard]] const TypeFilter* log_types() const;

    /// The same with more filters. The error is one sentence for the client.
    [[nodiscard]] std::expected<LiveFilter, std::string> with(const std::vector<std::string>& filters) const;
    /// The same without these filters, each of which must have been named before, letter by letter.
    [[nodiscard]] std::expected<LiveFilter, std::string> without(
        const std::vector<std::string>& filters) const;

  private:
    LiveFilter(bool has_default, TypeFilter named, std::optional<std::string> subject,
               std::optional<TypeFilter> limit);

    bool has_default_;  ///< every type without a reserved prefix
    TypeFilter
        named_;  ///< none when it is the default one: a TypeFilter without filters stands for `has_default_`
    std::optional<std::string> subject_;
    std::optional<TypeFilter> limit_;     ///< none: the key may read everything, or none is needed
    std::optional<TypeFilter> readable_;  ///< with a limit: the most that a read of the log has to bring
    std::vector<std::string> subjects_{};
    std::string key_;
};

}  // namespace headwater
