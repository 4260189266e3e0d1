#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "sinks/webhook/http_connection.hpp"

namespace headwater::sinks {

/// The connections that are open and have nothing to do, by origin. They belong to the HttpClient; one
/// thread.
class IdleConnections {
  public:
    void put(HttpConnection& connection, HttpConnection::TimePoint now) {
        connection.idle_since = now;
        by_origin_[connection.origin()].push_back(&connection);
        ++size_;
    }

    /// The one that was used last, so that the others may age; null when there is none.
    [[nodiscard]] HttpConnection* take(const std::string& origin) {
        const auto found = by_origin_.find(origin);
        if (found == by_origin_.end()) return nullptr;
        HttpConnection* connection = found->second.back();
        found->second.pop_back();
        if (found->second.empty()) by_origin_.erase(found);
        --size_;
        return connection;
    }

    void remove(const HttpConnection& connection) {
        const auto found = by_origin_.find(connection.origin());
        if (found == by_origin_.end()) return;
        size_ -= std::erase(found->second, &connection);
        if (found->second.empty()) by_origin_.erase(found);
    }

    /// The one that has been idle for longest; null when there is none.
    [[nodiscard]] HttpConnection* oldest() const {
        HttpConnection* oldest = nullptr;
        for (const auto& [origin, connections] : by_origin_) {
            HttpConnection* first = connections.front();
            if (oldest == nullptr || first->idle_since < oldest->idle_since) oldest = first;
        }
        return oldest;
    }
    [[nodiscard]] bool is_empty() const { return size_ == 0; }

  private:
    std::unordered_map<std::string, std::vector<HttpConnection*>> by_origin_;  // each used last at its end
    std::size_t size_ = 0;
};

}  // namespace headwater::sinks
