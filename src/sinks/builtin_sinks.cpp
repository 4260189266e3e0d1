#include "sinks/builtin_sinks.hpp"

#include "sinks/email/email_sink_type.hpp"
#include "sinks/rabbit/rabbit_sink_type.hpp"
#include "sinks/webhook/webhook_sink_type.hpp"

namespace headwater {

SinkTypes make_builtin_sinks(const SinkOptions& options) {
    SinkTypes types;
    types.push_back(std::make_unique<sinks::RabbitSinkType>(options.brokers));
    types.push_back(std::make_unique<sinks::WebhookSinkType>(options.webhook_allow));
    types.push_back(std::make_unique<sinks::EmailSinkType>(options.mail));
    return types;
}

}  // namespace headwater
