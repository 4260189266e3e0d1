#include "core/json_members.hpp"

#include <utility>

#include "core/json_scan.hpp"

namespace headwater::json {
namespace {

/// Follows the pointer down and notes the names in the object at its end.
class MemberNames : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, MemberNames> {
  public:
    explicit MemberNames(const rapidjson::Pointer& place) : place_(place) {}

    void start(const Stream& /*stream*/) {
        frames_.clear();
        names_.clear();
    }
    bool Default() {
        next_element();
        return true;
    }
    bool StartObject() { return open(false); }
    bool StartArray() { return open(true); }
    bool EndObject(rapidjson::SizeType /*members*/) { return close(); }
    bool EndArray(rapidjson::SizeType /*elements*/) { return close(); }
    bool Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
        auto& frame = frames_.back();
        if (!frame.is_on_way) return true;
        const std::string_view name(text, length);
        if (frames_.size() == place_.GetTokenCount() + 1) {
            names_.emplace_back(name);
        } else {
            const auto& token = place_.GetTokens()[frames_.size() - 1];
            frame.leads_on = name == std::string_view(token.name, token.length);
        }
        return true;
    }

    std::vector<std::string> take() { return std::move(names_); }

  private:
    struct Frame {
        bool is_array = false;
        bool is_on_way = false;  ///< this container's own place is a beginning of the pointer
        bool leads_on = false;   ///< and so is the place of the value that comes next
        std::size_t index = 0;   ///< of the value that comes next, in an array
    };

    bool open(bool is_array) {
        next_element();
        const bool is_on_way = frames_.empty() || (frames_.back().is_on_way && frames_.back().leads_on);
        frames_.push_back({is_array, is_on_way});
        return true;
    }
    bool close() {
        frames_.pop_back();
        return true;
    }
    void next_element() {
        if (frames_.empty() || !frames_.back().is_array || frames_.size() > place_.GetTokenCount()) return;
        auto& frame = frames_.back();
        frame.leads_on = place_.GetTokens()[frames_.size() - 1].index == frame.index++;
    }

    const rapidjson::Pointer& place_;
    std::vector<Frame> frames_;
    std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> member_names(std::string_view text, const rapidjson::Pointer& place) {
    MemberNames names(place);
    if (scan(text, names)) return {};
    return names.take();
}

}  // namespace headwater::json
