#include "core/json_schema_rules.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <rapidjson/pointer.h>

#include "core/json_schema_keywords.hpp"
#include "core/json_schema_pattern.hpp"

namespace headwater::json {
namespace {

using rapidjson::Value;

const Value* find(const Value& object, const char* name) {
    const auto member = object.FindMember(name);
    return member == object.MemberEnd() ? nullptr : &member->value;
}

bool has_only_strings(const Value& list) {
    return std::all_of(list.Begin(), list.End(), [](const Value& element) { return element.IsString(); });
}

/// Walks over one schema document. The first mistake ends the walk and is kept.
class SchemaWalk {
  public:
    explicit SchemaWalk(rapidjson::Document& document) : document_(document) {}

    std::expected<PreparedSchema, std::string> run() {
        if (!document_.IsObject()) return std::unexpected("A schema must be a JSON object.");
        prepare_all(document_);
        if (mistake_.empty()) check_all();
        if (!mistake_.empty()) return std::unexpected(std::move(mistake_));
        return result_;
    }

  private:
    // How many schemas may look at one value of a payload at once.
    static constexpr std::size_t kMaxCost = 1000;
    static constexpr std::size_t kCostUnderWay = 0;

    void fail(std::string mistake) {
        if (mistake_.empty()) mistake_ = std::move(mistake);
    }

    // RapidJSON compiles every object of the document, those in "enum" and "default" too.
    void prepare_all(Value& value) {
        if (value.IsArray()) {
            for (auto& element : value.GetArray()) prepare_all(element);
        } else if (value.IsObject()) {
            prepare_object(value);
            for (auto& member : value.GetObject()) prepare_all(member.value);
        }
    }

    void prepare_object(Value& object) {
        for (auto& member : object.GetObject()) {
            const auto name = text_of(member.name);
            auto& value = member.value;
            if (name == "$ref" && value.IsString()) check_reference(value);
            if (name == "pattern" && value.IsString()) prepare(value);
            if (name == "patternProperties") prepare_names(value, object);
            if (name == "dependencies" && value.IsObject()) check_dependencies(value);
        }
    }

    void prepare_names(Value& patterns, Value& schema) {
        if (!patterns.IsObject())
            return fail("The schema's \"patternProperties\" must be an object of schemas.");
        for (auto& member : patterns.GetObject()) prepare(member.name);
        // RapidJSON crashes on "false" here, and lets a member pass that meets only one of pattern and
        // additional schema.
        const auto additional = schema.FindMember("additionalProperties");
        if (additional == schema.MemberEnd() || additional->value.IsTrue()) return;
        if (!additional->value.IsFalse()) {
            return fail(
                "The schema's \"additionalProperties\" must be true or false beside \"patternProperties\".");
        }
        additional->value.SetObject();
        additional->value.AddMember("not", Value(rapidjson::kObjectType), document_.GetAllocator());
    }

    void prepare(Value& pattern) {
        const auto prepared = prepare_pattern(text_of(pattern));
        if (!prepared) return fail(prepared.error());
        result_.has_pattern = true;
        pattern.SetString(prepared->data(), static_cast<rapidjson::SizeType>(prepared->size()),
                          document_.GetAllocator());
    }

    void check_dependencies(const Value& rules) {
        for (const auto& rule : rules.GetObject()) {
            if (rule.value.IsArray() && !has_only_strings(rule.value)) {
                fail("The schema's \"dependencies\" must be an object of schemas and arrays of names.");
            }
        }
    }

    void check_reference(const Value& target) {
        if (!text_of(target).starts_with('#'))
            return fail("A schema may refer only to itself: $ref must begin with #.");
        if (find_target(target) == nullptr) fail("A $ref of the schema leads to no schema in it.");
    }

    const Value* find_target(const Value& target) const {
        const rapidjson::Pointer pointer(target.GetString(), target.GetStringLength());
        const auto* found = pointer.IsValid() ? pointer.Get(document_) : nullptr;
        return found != nullptr && found->IsObject() ? found : nullptr;
    }

    // The schema that stands in the place of this one, if this one is a reference.
    const Value* reference_of(const Value& schema) const {
        const auto* target = find(schema, "$ref");
        return target != nullptr && target->IsString() ? find_target(*target) : nullptr;
    }

    void check_all() {
        std::vector<const Value*> queue{&document_};
        while (mistake_.empty() && !queue.empty()) {
            const auto* schema = queue.back();
            queue.pop_back();
            if (!parts_.contains(schema)) {
                auto inner = check(*schema);
                queue.insert(queue.end(), inner.begin(), inner.end());
            }
        }
        for (auto part = parts_.begin(); mistake_.empty() && part != parts_.end(); ++part)
            cost_of(part->first);
    }

    // Returns the schemas inside and notes those that look at the same value.
    std::vector<const Value*> check(const Value& schema) {
        auto& same = parts_[&schema];
        if (const auto* target = reference_of(schema)) return same = {target};
        std::vector<const Value*> all;
        for (const auto& member : schema.GetObject()) {
            const auto* keyword = find_keyword(member.name);
            if (keyword == nullptr) continue;
            if (!keyword->is_good(member.value)) {
                fail(fmt::format("The schema's \"{}\" must be {}.", keyword->name, keyword->wanted));
                return {};
            }
            const auto inner = schemas_in(*keyword, member.value);
            all.insert(all.end(), inner.begin(), inner.end());
            if (keyword->subject == Keyword::Subject::same)
                same.insert(same.end(), inner.begin(), inner.end());
        }
        return all;
    }

    // How many schemas look at a value together with this one. The recursion is never deeper than kMaxCost.
    std::size_t cost_of(const Value* schema, std::size_t depth = 1) {
        const auto [known, is_new] = costs_.try_emplace(schema, kCostUnderWay);
        if (!is_new && known->second == kCostUnderWay) fail("The schema refers to itself in a circle.");
        if (!is_new) return known->second;
        std::size_t cost = 1;
        for (const auto* part : parts_[schema]) {
            if (depth < kMaxCost && mistake_.empty()) cost += cost_of(part, depth + 1);
        }
        if (cost > kMaxCost || depth == kMaxCost) fail("The schema puts too many schemas together.");
        return costs_[schema] = cost;
    }

    rapidjson::Document& document_;
    PreparedSchema result_;
    std::string mistake_;
    std::map<const Value*, std::vector<const Value*>>
        parts_;  ///< of each schema: those that look at the same value
    std::map<const Value*, std::size_t> costs_;
};

}  // namespace

std::expected<PreparedSchema, std::string> prepare_schema(rapidjson::Document& schema) {
    return SchemaWalk(schema).run();
}

}  // namespace headwater::json
