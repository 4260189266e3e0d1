#pragma once

#include <boost/asio/ip/address.hpp>

#include "core/connection_limits.hpp"

namespace headwater::rest {

[[nodiscard]] inline RemoteAddress to_remote_address(const boost::asio::ip::address& address) {
    return address.is_v4() ? RemoteAddress::of_v4(address.to_v4().to_bytes())
                           : RemoteAddress::of_v6(address.to_v6().to_bytes());
}

}  // namespace headwater::rest
