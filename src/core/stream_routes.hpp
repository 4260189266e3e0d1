#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"
#include "core/stream.hpp"

namespace headwater {

/// Which streams want an event of a type: exact owners by a table, filters evaluated once per type and
/// remembered. Belongs to the dispatcher's thread.
class StreamRoutes {
  public:
    void clear();
    /// The stream must outlive the routes, or clear() comes first.
    void add(const Stream& stream);
    /// The streams that want events of this type. Valid until the next call of any kind.
    [[nodiscard]] const std::vector<StreamId>& of(const std::string& type);

  private:
    static constexpr std::size_t kMaxRemembered = 100'000;

    std::unordered_map<std::string, std::vector<StreamId>> owned_;
    std::vector<const Stream*> filtered_;
    std::unordered_map<std::string, std::vector<StreamId>> remembered_;
};

}  // namespace headwater
