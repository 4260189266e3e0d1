#include "ws/client_message.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace headwater::ws {
namespace {

// Takes the shapes there are: an object with one member, an array of strings or, for a token, a string.
// Everything else ends the parse.
class MessageReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, MessageReader> {
  public:
    bool Default() { return false; }
    bool StartObject() { return advance(Expect::object, Expect::key); }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        const std::string_view name(text, size);
        using Kind = ClientMessage::Kind;
        message.kind = name == "subscribe" ? Kind::subscribe
                       : name == "token"   ? Kind::token
                                           : Kind::unsubscribe;
        if (message.kind == Kind::token) return advance(Expect::key, Expect::token);
        return (name == "subscribe" || name == "unsubscribe") && advance(Expect::key, Expect::array);
    }
    bool StartArray() { return advance(Expect::array, Expect::filter); }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        if (expected_ == Expect::token) {
            message.token.assign(text, size);
            return advance(Expect::token, Expect::end);
        }
        message.filters.emplace_back(text, size);
        return expected_ == Expect::filter;
    }
    bool EndArray(rapidjson::SizeType) { return advance(Expect::filter, Expect::end); }
    bool EndObject(rapidjson::SizeType) { return advance(Expect::end, Expect::nothing); }

    ClientMessage message;

  private:
    enum class Expect { object, key, array, filter, token, end, nothing };
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
    const bool is_read = static_cast<bool>(reader.Parse<kFlags>(stream, handler));
    if (!is_read || (handler.message.filters.empty() && handler.message.token.empty())) {
        return std::unexpected(R"(Send {"subscribe":[filters]} or {"unsubscribe":[filters]}.)");
    }
    return std::move(handler.message);
}

}  // namespace headwater::ws
