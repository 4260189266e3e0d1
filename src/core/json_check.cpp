#include <fmt/format.h>

#include "core/json_scan.hpp"
#include "core/json_text.hpp"

namespace headwater {
namespace {

/// Accepts everything but too deep nesting and too long numbers.
class LimitCheck : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, LimitCheck> {
  public:
    explicit LimitCheck(int max_depth) : max_depth_(max_depth) {}

    void start(const json::Stream& /*stream*/) { depth_ = 0; }
    bool StartObject() { return open(); }
    bool EndObject(rapidjson::SizeType /*members*/) { return close(); }
    bool StartArray() { return open(); }
    bool EndArray(rapidjson::SizeType /*elements*/) { return close(); }
    bool RawNumber(const char* /*text*/, rapidjson::SizeType length, bool /*copy*/) {
        return length <= json::kMaxNumberLength;
    }

    [[nodiscard]] std::string reason() const {
        if (depth_ > max_depth_) return fmt::format("it is nested more than {} deep", max_depth_);
        return fmt::format("a number has more than {} characters", json::kMaxNumberLength);
    }

  private:
    bool open() { return ++depth_ <= max_depth_; }
    bool close() {
        --depth_;
        return true;
    }

    int max_depth_;
    int depth_ = 0;
};

}  // namespace

std::expected<void, std::string> check_json(std::string_view text, int max_depth) {
    LimitCheck check(max_depth);
    auto mistake = json::scan(text, check);
    if (!mistake) return {};
    if (mistake->reason.empty()) mistake->reason = check.reason();
    return std::unexpected(json::to_sentence(*mistake));
}

}  // namespace headwater
