#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/monitor.hpp"
#include "rest/request_context.hpp"
#include "rest/response.hpp"

namespace headwater {
class RegistryView;
}

namespace headwater::rest {

/// What an answer shows of a monitor this once.
struct MonitorSecrets {
    std::string key;                            ///< "" = not now
    std::map<StreamId, std::string> by_stream;  ///< JSON fragments, such as a webhook's new secret
};

void append_monitor(std::string& out, const RequestContext& request, const RegistryView& registry,
                    const Monitor& monitor, const MonitorSecrets& secrets = {});

[[nodiscard]] Response monitor_response(const RequestContext& request, const RegistryView& registry,
                                        const Monitor& monitor, const MonitorSecrets& secrets = {});

void append_flip(std::string& out, const RequestContext& request, const MonitorFlip& flip);

[[nodiscard]] std::string monitor_address(const RequestContext& request, MonitorId id);

}  // namespace headwater::rest
