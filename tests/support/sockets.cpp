#include "tests/support/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace headwater::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

void check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

FileDescriptor open_socket(int family) {
    FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    check(socket.get(), "socket");
    return socket;
}

void set(const FileDescriptor& socket, int level, int option, int value) {
    check(::setsockopt(socket.get(), level, option, &value, sizeof value), "setsockopt");
}

template <class Address>
const sockaddr* generic(const Address& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

FileDescriptor listen_on(std::uint16_t port) {
    FileDescriptor listener = open_socket(AF_INET);
    set(listener, SOL_SOCKET, SO_REUSEADDR, 1);
    const sockaddr_in address = loopback(port);
    check(::bind(listener.get(), generic(address), sizeof address), "bind");
    check(::listen(listener.get(), SOMAXCONN), "listen");
    return listener;
}

std::uint16_t port_of(const FileDescriptor& listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    check(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    return ntohs(address.sin_port);
}

std::uint16_t free_port() {
    return port_of(listen_on(0));
}

FileDescriptor connect_to(std::uint16_t port) {
    FileDescriptor socket = open_socket(AF_INET);
    const sockaddr_in address = loopback(port);
    check(::connect(socket.get(), generic(address), sizeof address), "connect");
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    return socket;
}

FileDescriptor connect_to(const std::filesystem::path& unix_socket) {
    FileDescriptor socket = open_socket(AF_UNIX);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = unix_socket.string();
    if (path.size() >= sizeof address.sun_path) {
        throw std::length_error("the path of a unix socket is too long");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    check(::connect(socket.get(), generic(address), sizeof address), "connect");
    return socket;
}

bool send_all(const FileDescriptor& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void reset_on_close(const FileDescriptor& socket) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace headwater::testing
