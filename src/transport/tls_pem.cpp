#include "transport/tls_pem.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace headwater::transport {
namespace {

constexpr std::size_t kMaxFile = 1 << 20;

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};

std::string why_unreadable(const std::filesystem::path& path) {
    return fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(errno));
}

std::expected<std::string, std::string> read_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::unexpected(why_unreadable(path));
    std::string text(kMaxFile, '\0');
    std::size_t size = 0;
    ssize_t got = 0;
    while (size < kMaxFile && (got = ::read(file, text.data() + size, kMaxFile - size)) > 0) {
        size += static_cast<std::size_t>(got);
    }
    std::expected<std::string, std::string> result;
    if (got < 0) result = std::unexpected(why_unreadable(path));
    ::close(file);
    text.resize(size);
    if (result) *result = std::move(text);
    return result;
}

std::unique_ptr<BIO, FreeBio> reader_of(const std::string& text) {
    return std::unique_ptr<BIO, FreeBio>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int refuse_passphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace

std::expected<std::vector<X509Ptr>, std::string> read_certificates(const std::filesystem::path& path) {
    const auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    const auto reader = reader_of(*text);
    std::vector<X509Ptr> found;
    while (X509* one = PEM_read_bio_X509(reader.get(), nullptr, refuse_passphrase, nullptr)) {
        found.emplace_back(one);
    }
    const bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (found.empty()) {
        return std::unexpected(fmt::format("'{}' holds no certificate in PEM form", path.string()));
    }
    if (!is_whole) {
        return std::unexpected(
            fmt::format("certificate {} of '{}' is damaged", found.size() + 1, path.string()));
    }
    return found;
}

std::expected<KeyPtr, std::string> read_key(const std::filesystem::path& path) {
    auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    KeyPtr key(PEM_read_bio_PrivateKey(reader_of(*text).get(), nullptr, refuse_passphrase, nullptr));
    ERR_clear_error();
    const bool is_encrypted = text->find("ENCRYPTED") != std::string::npos;
    OPENSSL_cleanse(text->data(), text->size());
    if (key) return key;
    const std::string file = path.string();
    return std::unexpected(
        is_encrypted
            ? fmt::format("the key in '{}' is encrypted; it must stand there without a passphrase", file)
            : fmt::format("'{}' holds no private key in PEM form", file));
}

}  // namespace headwater::transport
