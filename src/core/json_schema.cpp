#include "core/json_schema.hpp"

#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include "core/json_scan.hpp"
#include "core/json_schema_rules.hpp"
#include "core/json_schema_sentence.hpp"
#include "core/json_schema_validator.hpp"
#include "core/json_text.hpp"

namespace headwater {
namespace {

// RapidJSON's compiler looks at every pair of objects; this keeps it to milliseconds.
constexpr std::size_t kMaxSchemaBytes = 64 << 10;

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
    json::MeteredAllocator memory;
    json::Validator validator(impl_->compiled, &memory);
    json::ValidatorInput input(validator, memory);
    json::Stream stream(payload.data(), payload.size());
    const auto result = rapidjson::Reader().Parse<json::kScanFlags>(stream, input);
    if (!result.IsError()) return {};
    const auto place = validator.GetInvalidDocumentPointer();
    if (input.met_too_big() || result.Code() == rapidjson::kParseErrorNumberTooBig) {
        return {{json::to_text(place), "The value must not hold a number beyond the range of a double."}};
    }
    if (input.met_too_much())
        return {{"", "The value is too large or too deep to be checked against the schema."}};
    const json::Violation violation{place, validator.GetInvalidSchemaPointer(),
                                    validator.GetInvalidSchemaKeyword()};
    return {json::describe(violation, impl_->source, payload)};
}

}  // namespace headwater
