#pragma once

#include <expected>
#include <string>
#include <utility>

#include "core/errors.hpp"

namespace headwater::rest {

/// Short for the refusals that handlers write most.
[[nodiscard]] inline std::unexpected<Refusal> refuse(Refusal::Kind kind, std::string detail) {
    return std::unexpected(Refusal{kind, std::move(detail)});
}
[[nodiscard]] inline std::unexpected<Refusal> refuse_field(std::string pointer, std::string detail) {
    return std::unexpected(
        Refusal{Refusal::Kind::invalid, "The body is not valid.", {{std::move(pointer), std::move(detail)}}});
}

}  // namespace headwater::rest
