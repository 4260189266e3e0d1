#include "ws/client_message.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace headwater::ws {
namespace {

// Takes the one shape there is: an object with one member, an array of strings. Everything else ends the
// parse.
class MessageReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, MessageReader> {
  public:
    bool Default() { return false; }
    bool StartObject() { return advance(Expect::object, Expect::key); }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        const std::string_view name(text, size);
        message.kind =
            name == "subscribe" ? ClientMessage::Kind::subscribe : ClientMessage::Kind::unsubscribe;
        return (name == "subscribe" || name == "unsubscribe") && advance(Expect::key, Expect::array);
    }
    bool StartArray() { return advance(Expect::array, Expect::filter); }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        message.filters.emplace_back(text, size);
        return expected_ == Expect::filter;
    }
    bool EndArray(rapidjson::SizeType) { return advance(Expect::filter, Expect::end); }
    bool EndObject(rapidjson::SizeType) { return advance(Expect::end, Expect::nothing); }

    ClientMessage message;

  private:
    enum class Expect { object, key, array, filter, end, nothing };
    bool advance(Expect from, Expect to) {
        if (expected_ != from) return false;
        expected_ = to;
        return true;
    }
    Expect expected_ = Expect::object;
};

}  // namespace

std::expected<ClientMessage, std::string> parse_client_message(std::string_view text) {
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    MessageReader handler;
    if (!reader.Parse<kFlags>(stream, handler) || handler.message.filters.empty()) {
        return std::unexpected(R"(Send {"subscribe":[filters]} or {"unsubscribe":[filters]}.)");
    }
    return std::move(handler.message);
}

}  // namespace headwater::ws
