#include "app/node_keys.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace headwater::app {
namespace {

/// Without keys only this machine is let in, unless the operator has said otherwise. That holds for a server
/// that is running when keys are disabled, too: it then goes on asking for them.
bool may_be_open(const ServeOptions& options) {
    return options.insecure_open || options.listen.is_loopback();
}

}  // namespace

NodeKeys::NodeKeys(KeyStore& store, const Clock& clock, const ServeOptions& options)
    : ring_(store, clock, {.may_open = may_be_open(options), .rate = options.key_rate}) {
    ring_.refresh();
    if (may_be_open(options) || store.is_enforced()) return;
    throw std::runtime_error(fmt::format(
        "--listen: {} can be reached from other machines and there are no keys: anybody there could read and "
        "send everything. Make a key first (headwater keys create), listen on 127.0.0.1, or say "
        "--insecure-open if that is what you want.",
        options.listen.host));
}

}  // namespace headwater::app
