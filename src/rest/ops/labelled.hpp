#pragma once

#include <prometheus/family.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace headwater::rest {

/// The metrics of one family by the value of one label, found again without building a map of labels.
/// Thread-safe. Past `max` values all others share the one named `other`.
template <class Metric>
class Labelled {
  public:
    Labelled(prometheus::Family<Metric>& family, std::string label, std::size_t max)
        : family_(family), label_(std::move(label)), max_(max) {}

    template <class... Args>
    Metric& get(std::string_view value, Args&&... args) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto known = metrics_.find(value); known != metrics_.end()) return *known->second;
        }
        const std::lock_guard lock(mutex_);
        const std::string_view name = metrics_.size() < max_ ? value : std::string_view("other");
        if (const auto known = metrics_.find(name); known != metrics_.end()) return *known->second;
        Metric& metric = family_.Add({{label_, std::string(name)}}, std::forward<Args>(args)...);
        metrics_.emplace(std::string(name), &metric);
        return metric;
    }

    void remove(std::string_view value) {
        const std::lock_guard lock(mutex_);
        const auto known = metrics_.find(value);
        if (known == metrics_.end()) return;
        family_.Remove(known->second);
        metrics_.erase(known);
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    prometheus::Family<Metric>& family_;
    const std::string label_;
    const std::size_t max_;
    std::shared_mutex mutex_;
    std::unordered_map<std::string, Metric*, Hash, std::equal_to<>> metrics_;  // guarded by mutex_
};

}  // namespace headwater::rest
