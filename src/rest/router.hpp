#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headwater::rest {

enum class Method { get, head, post, put, del, patch, options, other };
inline constexpr std::size_t kMethods = 8;
[[nodiscard]] Method parse_method(std::string_view text);
[[nodiscard]] std::string_view to_string(Method method);

struct Route;

/// The values of a pattern's {names}, decoded.
using PathParameters = std::vector<std::pair<std::string_view, std::string>>;

/// Finds the route of a path. Patterns are literal segments and {names}; a literal goes before a name.
/// Immutable once it is built, so free to share between threads; the routes outlive it.
class Router {
  public:
    struct Match {
        std::array<const Route*, kMethods> by_method{};  ///< GET stands in for HEAD
        PathParameters parameters;
        /// "GET, HEAD, OPTIONS", as in the Allow header.
        [[nodiscard]] std::string allow() const;
    };

    Router();
    ~Router();
    void add(const Route& route);
    /// Nothing when no pattern has this shape. `segments` are decoded and may be moved from.
    [[nodiscard]] std::optional<Match> find(std::vector<std::string>& segments) const;

  private:
    struct Node;
    static const Node* descend(const Node& node, std::vector<std::string>& segments, std::size_t depth,
                               std::vector<std::size_t>& named);
    std::unique_ptr<Node> root_;
};

}  // namespace headwater::rest
