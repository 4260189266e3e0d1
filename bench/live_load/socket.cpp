#include "socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace headwater::bench {
namespace {

/// Shared by all sockets; lives as long as the program.
SSL_CTX* context() {
    static SSL_CTX* const made = SSL_CTX_new(TLS_client_method());
    return made;
}

}  // namespace

void Socket::FreeTls::operator()(ssl_st* tls) const {
    SSL_free(tls);
}

bool Socket::start_tls() {
    tls_.reset(SSL_new(context()));
    SSL_set_fd(tls_.get(), fd_);
    for (int result = 0; (result = SSL_connect(tls_.get())) != 1;) {
        const int why = SSL_get_error(tls_.get(), result);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
        constexpr int kPatience = 10'000;
        pollfd ready{
            .fd = fd_, .events = why == SSL_ERROR_WANT_READ ? short{POLLIN} : short{POLLOUT}, .revents = 0};
        if (poll(&ready, 1, kPatience) <= 0) return false;
    }
    return true;
}

bool Socket::has_pending() const {
    return tls_ && SSL_pending(tls_.get()) > 0;
}

Socket::Socket(std::uint16_t port, int receive_buffer)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer > 0) {
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int failed = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (failed != 0 && errno != EINPROGRESS) {
        const int error = errno;
        close(fd_);
        throw std::system_error(error, std::generic_category(), "connect");
    }
}

Socket::~Socket() {
    if (fd_ >= 0) close(fd_);
}

bool Socket::send(std::string_view bytes) const {
    std::size_t sent = 0;
    if (tls_) return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) == 1;
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

long Socket::receive(char* buffer, std::size_t size) const {
    if (tls_) {
        std::size_t read = 0;
        const int result = SSL_read_ex(tls_.get(), buffer, size, &read);
        if (result == 1) return static_cast<long>(read);
        return SSL_get_error(tls_.get(), result) == SSL_ERROR_WANT_READ ? 0 : -1;
    }
    const ssize_t got = recv(fd_, buffer, size, 0);
    if (got > 0) return got;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

}  // namespace headwater::bench
