#pragma once

#include <expected>
#include <string>
#include <utility>

#include "core/errors.hpp"

namespace headwater::postgres {

/// `detail` is one plain sentence, safe to show to a client.
[[nodiscard]] inline std::unexpected<Refusal> refuse(Refusal::Kind kind, std::string detail) {
    return std::unexpected(Refusal{kind, std::move(detail)});
}

[[nodiscard]] inline std::unexpected<Refusal> no_such_stream() {
    return refuse(Refusal::Kind::not_found, "There is no such stream.");
}

}  // namespace headwater::postgres
