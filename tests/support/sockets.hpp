#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "postgres/file_descriptor.hpp"

namespace headwater::testing {

using postgres::FileDescriptor;

/// A port on the loopback that was free a moment ago, for servers that cannot be asked for "any".
[[nodiscard]] std::uint16_t free_port();

/// Plain sockets on 127.0.0.1. All throw std::system_error.
[[nodiscard]] FileDescriptor listen_on(std::uint16_t port);  ///< 0 is any
[[nodiscard]] std::uint16_t port_of(const FileDescriptor& listener);
[[nodiscard]] FileDescriptor connect_to(std::uint16_t port);
[[nodiscard]] FileDescriptor connect_to(const std::filesystem::path& unix_socket);
/// Writes everything, unless the peer is gone: then false.
[[nodiscard]] bool send_all(const FileDescriptor& socket, std::string_view bytes);
/// Makes the next close send a reset instead of an orderly end.
void reset_on_close(const FileDescriptor& socket);

}  // namespace headwater::testing
