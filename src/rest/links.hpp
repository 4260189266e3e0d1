#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

/// Links in the order in which they were added; relations are literals, addresses absolute.
class Links {
  public:
    void add(std::string_view relation, std::string href) { links_.emplace_back(relation, std::move(href)); }
    void add_template(std::string_view relation, std::string href) {
        templates_.emplace_back(relation, std::move(href));
    }

    /// `[{"rel":"self","href":"…"},…]`
    void append_json(std::string& out) const;
    /// RFC 8288: `<…>; rel="self", <…>; rel="prev"`.
    [[nodiscard]] std::string to_header() const;

  private:
    std::vector<std::pair<std::string_view, std::string>> links_;
    std::vector<std::pair<std::string_view, std::string>> templates_;  ///< RFC 6570, marked "templated": true
};

[[nodiscard]] std::string event_address(const RequestContext& request, EventId id);
[[nodiscard]] std::string type_address(const RequestContext& request, std::string_view type);
[[nodiscard]] std::string stream_address(const RequestContext& request, StreamId id);

}  // namespace headwater::rest
