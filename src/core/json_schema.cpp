#include "core/json_schema.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include "core/json_scan.hpp"
#include "core/json_schema_rules.hpp"
#include "core/json_schema_sentence.hpp"
#include "core/json_text.hpp"

namespace headwater {
namespace {

// RapidJSON's compiler looks at every pair of objects; this keeps it to milliseconds.
constexpr std::size_t kMaxSchemaBytes = 64 << 10;

/// Passes a payload's values on to the validator, numbers as what they are: RapidJSON's own conversion
/// overflows on extreme exponents, and takes raw numbers for strings.
class NumberReader {
  public:
    explicit NumberReader(rapidjson::SchemaValidator& validator) : validator_(validator) {}

    [[nodiscard]] bool met_too_big() const { return is_too_big_; }

    bool Null() { return validator_.Null(); }
    bool Bool(bool value) { return validator_.Bool(value); }
    bool String(const char* text, rapidjson::SizeType length, bool copy) {
        return validator_.String(text, length, copy);
    }
    bool Key(const char* text, rapidjson::SizeType length, bool copy) {
        return validator_.Key(text, length, copy);
    }
    bool StartObject() { return validator_.StartObject(); }
    bool EndObject(rapidjson::SizeType members) { return validator_.EndObject(members); }
    bool StartArray() { return validator_.StartArray(); }
    bool EndArray(rapidjson::SizeType elements) { return validator_.EndArray(elements); }

    bool RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
        const char* const end = text + length;
        if (std::int64_t integer = 0; reads_whole(text, end, integer)) {
            return integer < 0 ? validator_.Int64(integer)
                               : validator_.Uint64(static_cast<std::uint64_t>(integer));
        }
        if (std::uint64_t integer = 0; reads_whole(text, end, integer)) return validator_.Uint64(integer);
        double real = 0;
        if (!reads_whole(text, end, real))
            real = std::strtod(text, nullptr);  // out of range: zero or infinite
        is_too_big_ = std::isinf(real);
        return !is_too_big_ && validator_.Double(real);
    }
    // Not called: numbers come as strings.
    bool Int(int value) { return validator_.Int(value); }
    bool Uint(unsigned value) { return validator_.Uint(value); }
    bool Int64(std::int64_t value) { return validator_.Int64(value); }
    bool Uint64(std::uint64_t value) { return validator_.Uint64(value); }
    bool Double(double value) { return validator_.Double(value); }

  private:
    template <class Number>
    static bool reads_whole(const char* begin, const char* end, Number& value) {
        const auto [stop, error] = std::from_chars(begin, end, value);
        return error == std::errc{} && stop == end;
    }

    rapidjson::SchemaValidator& validator_;
    bool is_too_big_ = false;
};

}  // namespace

struct JsonSchema::Impl {
    explicit Impl(rapidjson::Document text) : source(std::move(text)), compiled(source) {}

    rapidjson::Document source;
    rapidjson::SchemaDocument compiled;
    bool has_pattern = false;
    std::mutex matching{};  // RapidJSON's patterns keep their state in the schema: one match at a time
};

JsonSchema::JsonSchema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

JsonSchema::~JsonSchema() = default;

std::expected<std::shared_ptr<const JsonSchema>, std::string> JsonSchema::compile(std::string_view text) {
    if (text.size() > kMaxSchemaBytes) {
        return std::unexpected(fmt::format("A schema has at most {} bytes.", kMaxSchemaBytes));
    }
    if (auto checked = check_json(text); !checked) return std::unexpected(std::move(checked.error()));
    rapidjson::Document source;
    source.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    if (source.HasParseError())
        return std::unexpected("The schema holds a number beyond the range of a double.");
    auto prepared = json::prepare_schema(source);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    auto impl = std::make_unique<Impl>(std::move(source));
    impl->has_pattern = prepared->has_pattern;
    return std::shared_ptr<const JsonSchema>(new JsonSchema(std::move(impl)));
}

std::vector<FieldError> JsonSchema::validate(std::string_view payload) const {
    const auto lock = impl_->has_pattern ? std::unique_lock(impl_->matching) : std::unique_lock<std::mutex>();
    rapidjson::SchemaValidator validator(impl_->compiled);
    NumberReader reader(validator);
    json::Stream stream(payload.data(), payload.size());
    const auto result = rapidjson::Reader().Parse<json::kScanFlags>(stream, reader);
    if (!result.IsError()) return {};
    if (reader.met_too_big() || result.Code() == rapidjson::kParseErrorNumberTooBig) {
        return {{json::to_text(validator.GetInvalidDocumentPointer()),
                 "The value must not hold a number beyond the range of a double."}};
    }
    return {json::describe_violation(validator, impl_->source, payload)};
}

}  // namespace headwater
