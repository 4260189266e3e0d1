#include "rest/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace headwater::rest {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB, with gzip's header and trailer
constexpr int kLevel = 1;  // a page of events shrinks to a tenth at any level; the cheapest will do
constexpr std::size_t kStep = 64 * 1024;

Bytef* input_of(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib only reads it
}

/// Owns an inflating stream.
class Inflater {
  public:
    explicit Inflater(std::string_view bytes) {
        stream_.next_in = input_of(bytes);
        stream_.avail_in = static_cast<uInt>(bytes.size());
        if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::runtime_error("inflateInit2 failed");
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    z_stream* operator->() { return &stream_; }
    int step() { return inflate(&stream_, Z_NO_FLUSH); }
    bool next_member() { return inflateReset(&stream_) == Z_OK; }

  private:
    z_stream stream_{};
};

}  // namespace

std::string gzip(std::string_view text) {
    z_stream stream{};
    if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("deflateInit2 failed");
    }
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = input_of(text);
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("deflate failed");
    return out;
}

std::expected<std::string, GunzipError> gunzip(std::string_view bytes, std::size_t max_bytes) {
    Inflater inflater(bytes);
    std::string out;
    std::size_t used = 0;
    for (;;) {
        if (used == out.size()) out.resize(std::min(max_bytes + 1, used + std::max(kStep, used)));
        inflater->next_out = reinterpret_cast<Bytef*>(out.data() + used);
        inflater->avail_out = static_cast<uInt>(out.size() - used);
        const int result = inflater.step();
        used = out.size() - inflater->avail_out;
        if (used > max_bytes) return std::unexpected(GunzipError::too_large);
        if (result == Z_STREAM_END) {
            if (inflater->avail_in == 0) break;
            if (!inflater.next_member()) return std::unexpected(GunzipError::malformed);
        } else if (result != Z_OK || (inflater->avail_in == 0 && inflater->avail_out > 0)) {
            return std::unexpected(GunzipError::malformed);
        }
    }
    out.resize(used);
    return out;
}

bool accepts_gzip(const Headers& headers) {
    const auto accepted = headers.find("Accept-Encoding");
    return accepted && quality_of(*accepted, "gzip").value_or(0) > 0;
}

}  // namespace headwater::rest
