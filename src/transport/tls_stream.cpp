#include "transport/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <new>
#include <string_view>

#include "core/log.hpp"

namespace headwater::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kMaxRecord = SSL3_RT_MAX_PLAIN_LENGTH;

std::string_view bytes_of(const asio::const_buffer& run) {
    return {static_cast<const char*>(run.data()), run.size()};
}

/// Cuts runs of bytes into records. What fills a record is used where it stands; smaller runs are gathered.
class Records {
  public:
    explicit Records(std::span<const asio::const_buffer> runs) : runs_(runs) { skip_empty(); }

    /// The next record; "" at the end. Valid until the next call, on any object of this thread.
    [[nodiscard]] std::string_view next() {
        if (at_ == runs_.size()) return {};
        const std::string_view first = bytes_of(runs_[at_]).substr(used_);
        const bool is_last = at_ + 1 == runs_.size();
        if (first.size() >= kMaxRecord || is_last) return take(std::min(first.size(), kMaxRecord));
        thread_local std::array<char, kMaxRecord> gathered;
        std::size_t size = 0;
        while (size < kMaxRecord && at_ < runs_.size()) {
            const std::size_t room = std::min(kMaxRecord - size, runs_[at_].size() - used_);
            const std::string_view piece = take(room);
            size += piece.copy(gathered.data() + size, piece.size());
        }
        return {gathered.data(), size};
    }

  private:
    std::string_view take(std::size_t size) {
        const std::string_view taken = bytes_of(runs_[at_]).substr(used_, size);
        used_ += size;
        skip_empty();
        return taken;
    }
    void skip_empty() {
        for (; at_ < runs_.size() && used_ == runs_[at_].size(); ++at_) used_ = 0;
    }

    std::span<const asio::const_buffer> runs_;
    std::size_t at_ = 0;
    std::size_t used_ = 0;  ///< of runs_[at_]
};

}  // namespace

void TlsStream::Free::operator()(ssl_st* stream) const {
    SSL_free(stream);
}

TlsStream::TlsStream(const TlsContext& context, int descriptor) : stream_(context.new_connection()) {
    if (SSL_set_fd(stream_.get(), descriptor) != 1) throw std::bad_alloc();
}

bool TlsStream::shake_hands(error_code& ec) {
    ERR_clear_error();
    const int result = SSL_do_handshake(stream_.get());
    ec = outcome_of(result);
    waits_to_write_ = SSL_want_write(stream_.get());
    return !ec;
}

std::size_t TlsStream::read_some(std::span<char> space, error_code& ec) {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(stream_.get(), space.data(), space.size(), &got);
    ec = outcome_of(result);
    waits_to_write_ = SSL_want_write(stream_.get());
    return got;
}

std::size_t TlsStream::write_some(std::span<const asio::const_buffer> runs, error_code& ec) {
    ec = is_broken_ ? asio::error::broken_pipe : error_code{};
    if (!ec && has_unsent()) {
        ec = write_record(unsent_);
        if (!ec) unsent_ = {};
    }
    std::size_t taken = 0;
    Records records(runs);
    while (!ec) {
        const std::string_view record = records.next();
        if (record.empty()) break;
        ec = write_record(record);
        if (ec == asio::error::would_block) unsent_ = record;
        if (!ec || has_unsent()) taken += record.size();
    }
    if (taken > 0) ec = {};
    return taken;
}

error_code TlsStream::write_record(std::string_view record) {
    ERR_clear_error();
    std::size_t written = 0;
    return outcome_of(SSL_write_ex(stream_.get(), record.data(), record.size(), &written));
}

error_code TlsStream::outcome_of(int result) {
    if (result == 1) return {};
    const int why = SSL_get_error(stream_.get(), result);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return asio::error::would_block;
    if (why == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
    is_broken_ = true;
    if (why == SSL_ERROR_SSL && log::is_enabled(log::Level::debug)) {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        log::debug("tls.failed", {{"reason", reason == nullptr ? "unknown" : reason}});
    }
    return asio::error::connection_aborted;
}

void TlsStream::say_goodbye() {
    if (is_broken_ || has_unsent() || SSL_in_init(stream_.get())) return;
    ERR_clear_error();
    if ((SSL_get_shutdown(stream_.get()) & SSL_SENT_SHUTDOWN) == 0) SSL_shutdown(stream_.get());
}

}  // namespace headwater::transport
