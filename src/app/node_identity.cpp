#include "app/node_identity.hpp"

#include <unistd.h>

#include <array>

namespace headwater::app {

std::string label_of(const ServeOptions& options) {
    if (!options.node.empty()) return options.node;
    std::array<char, 256> host{};
    const std::string process = std::to_string(::getpid());
    if (::gethostname(host.data(), host.size() - 1) != 0) return process;
    return std::string(host.data()) + "-" + process;
}

}  // namespace headwater::app
