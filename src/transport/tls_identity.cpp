#include "transport/tls_identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

#include "core/log.hpp"
#include "core/time.hpp"

namespace headwater::transport {
namespace {

std::string time_text(std::chrono::system_clock::time_point time) {
    return format_time(std::chrono::floor<Timestamp::duration>(time));
}

void warn_when_out_of_date(const TlsContext& context, const std::filesystem::path& path) {
    const auto now = std::chrono::system_clock::now();
    if (now >= context.valid_until()) {
        log::warn("tls.certificate_expired",
                  {{"file", path.string()}, {"until", time_text(context.valid_until())}});
    } else if (now < context.valid_from()) {
        log::warn("tls.certificate_not_yet_valid",
                  {{"file", path.string()}, {"from", time_text(context.valid_from())}});
    }
}

}  // namespace

TlsIdentity::TlsIdentity(TlsFiles files) : files_(std::move(files)) {
    auto loaded = TlsContext::load(files_);
    if (!loaded) throw std::runtime_error(fmt::format("TLS: {}.", fmt::join(loaded.error(), "; ")));
    current_ = std::move(*loaded);
    warn_when_out_of_date(*current_, files_.certificate);
}

TlsContextPtr TlsIdentity::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

bool TlsIdentity::reload() {
    auto loaded = TlsContext::load(files_);
    if (!loaded) {
        for (const std::string& mistake : loaded.error()) {
            log::error("tls.reload_failed", {{"reason", mistake}});
        }
        return false;
    }
    log::info("tls.reloaded", {{"until", time_text((*loaded)->valid_until())}});
    warn_when_out_of_date(**loaded, files_.certificate);
    const std::lock_guard lock(mutex_);
    current_ = std::move(*loaded);
    return true;
}

}  // namespace headwater::transport
