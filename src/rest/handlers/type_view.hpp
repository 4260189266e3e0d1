#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/registry.hpp"
#include "core/registry_store.hpp"
#include "rest/links.hpp"
#include "rest/request_context.hpp"
#include "rest/stream_definition.hpp"
#include "rest/stream_view.hpp"

namespace headwater::rest {

/// A registration with its streams and their lag, as PUT and GET answer it. Blocking; throws Unavailable.
void append_registration(std::string& out, const RequestContext& request, const RegistrationResult& stored,
                         std::span<const ParsedStream> parsed);

struct TypePage {
    std::size_t limit = 100;
    std::string_view after;
    bool has_more = false;
};
/// `{"types":[…],"links":[…]}`, without the streams' lag.
void append_type_page(std::string& out, const RequestContext& request, const RegistryView& registry,
                      std::span<const EventTypePtr> types, const TypePage& page);

}  // namespace headwater::rest
