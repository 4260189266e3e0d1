#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/type_filter.hpp"

namespace headwater::postgres {

class Connection;

/// The types that a read covers, as ids. `none_but`: these and no other; `all_but`: every type except these.
struct TypeSelection {
    enum class Kind { none_but, all_but };
    Kind kind = Kind::all_but;
    std::vector<std::int64_t> ids;

    [[nodiscard]] bool is_empty() const { return kind == Kind::none_but && ids.empty(); }
};

/// Every type that was ever registered, by id (rows are never removed or renamed, so knowing the newest id
/// means knowing all). Thread-safe.
class TypeCatalog {
  public:
    using Names = std::map<std::int64_t, std::string>;

    /// All types, including those that were committed a moment ago: one small query.
    [[nodiscard]] std::shared_ptr<const Names> names(Connection& connection);
    /// Those that were known at the last look.
    [[nodiscard]] std::shared_ptr<const Names> known() const;

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Names> names_ = std::make_shared<const Names>();  // guarded by mutex_
};

[[nodiscard]] TypeSelection select_types(const TypeCatalog::Names& names, const TypeFilter& filter);
[[nodiscard]] TypeSelection select_type(const TypeCatalog::Names& names, std::string_view type);

}  // namespace headwater::postgres
