#include "rest/router.hpp"

#include <algorithm>

#include "rest/routes.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, kMethods> kNames{"GET",    "HEAD",  "POST",    "PUT",
                                                        "DELETE", "PATCH", "OPTIONS", ""};

std::size_t index_of(Method method) {
    return static_cast<std::size_t>(method);
}

}  // namespace

Method parse_method(std::string_view text) {
    const auto found = std::ranges::find(kNames, text);
    return found == kNames.end() || text.empty() ? Method::other
                                                 : static_cast<Method>(found - kNames.begin());
}

std::string_view to_string(Method method) {
    return kNames[index_of(method)];
}

std::string Router::Match::allow() const {
    std::string out;
    for (std::size_t i = 0; i < kMethods; ++i) {
        if (by_method[i] == nullptr) continue;
        out.append(kNames[i]).append(", ");
    }
    return out + "OPTIONS";
}

struct Router::Node {
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;
    std::unique_ptr<Node> any;  // stands for {name}
    std::array<const Route*, kMethods> routes{};
    std::vector<std::string_view> names;  // of the {names} on the way here
    bool is_end = false;
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(const Route& route) {
    Node* node = root_.get();
    std::vector<std::string_view> names;
    std::string_view rest = route.pattern.substr(1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view segment = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        std::unique_ptr<Node>* next = nullptr;
        if (segment.starts_with('{')) {
            names.push_back(segment.substr(1, segment.size() - 2));
            next = &node->any;
        } else {
            const auto found =
                std::ranges::find(node->literals, segment, [](const auto& l) { return l.first; });
            next = found == node->literals.end() ? &node->literals.emplace_back(segment, nullptr).second
                                                 : &found->second;
        }
        if (!*next) *next = std::make_unique<Node>();
        node = next->get();
    }
    node->is_end = true;
    node->names = std::move(names);
    node->routes[index_of(route.method)] = &route;
    if (route.method == Method::get) node->routes[index_of(Method::head)] = &route;
}

const Router::Node* Router::descend(const Node& node, std::vector<std::string>& segments, std::size_t depth,
                                    std::vector<std::size_t>& named) {
    if (depth == segments.size()) return node.is_end ? &node : nullptr;
    const auto literal =
        std::ranges::find(node.literals, segments[depth], [](const auto& l) { return l.first; });
    if (literal != node.literals.end()) {
        if (const Node* found = descend(*literal->second, segments, depth + 1, named)) return found;
    }
    if (!node.any || segments[depth].empty()) return nullptr;
    const std::size_t before = named.size();
    named.push_back(depth);
    const Node* found = descend(*node.any, segments, depth + 1, named);
    if (found == nullptr) named.resize(before);
    return found;
}

std::optional<Router::Match> Router::find(std::vector<std::string>& segments) const {
    std::vector<std::size_t> named;
    const Node* node = descend(*root_, segments, 0, named);
    if (node == nullptr) return std::nullopt;
    Match match;
    match.by_method = node->routes;
    for (std::size_t i = 0; i < named.size(); ++i) {
        match.parameters.emplace_back(node->names[i], std::move(segments[named[i]]));
    }
    return match;
}

}  // namespace headwater::rest
