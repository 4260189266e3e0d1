#include "core/sink.hpp"

#include <algorithm>

namespace headwater {

const SinkType* find_sink_type(const SinkTypes& types, std::string_view source) {
    const auto found =
        std::ranges::find_if(types, [source](const auto& type) { return type->source() == source; });
    return found == types.end() ? nullptr : found->get();
}

}  // namespace headwater
