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

/// How far the registry had come at some moment: nothing of it ever goes back.
struct CatalogMark {
    std::int64_t newest_type = 0;  ///< 0: there was none
    std::uint32_t classes = 0;     ///< bit n: events of class n (retention.hpp) may be stored
};

/// Every type that was ever registered, by id (rows are never removed or renamed, so knowing the newest id
/// means knowing all), and the classes in which their events lie. Thread-safe.
class TypeCatalog {
  public:
    using Names = std::map<std::int64_t, std::string>;
    struct View {
        Names names;
        std::uint32_t classes = 0;  ///< as in CatalogMark

        /// True when whatever was stored at the mark is of these types and classes.
        [[nodiscard]] bool covers(const CatalogMark& mark) const;
    };
    using ViewPtr = std::shared_ptr<const View>;

    /// With what was committed a moment ago: one small query. The same pointer as known() when that is all.
    [[nodiscard]] ViewPtr current(Connection& connection);
    /// What was known at the last look.
    [[nodiscard]] ViewPtr known() const;

  private:
    mutable std::mutex mutex_;
    ViewPtr view_ = std::make_shared<const View>();  // guarded by mutex_
};

[[nodiscard]] TypeSelection select_types(const TypeCatalog::Names& names, const TypeFilter& filter);
[[nodiscard]] TypeSelection select_type(const TypeCatalog::Names& names, std::string_view type);

}  // namespace headwater::postgres
