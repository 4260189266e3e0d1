#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "rest/routes.hpp"

namespace headwater::rest {
namespace {

using Operations = std::set<std::string>;
/// What each operation says about who may use it: "[ { key: [ read ] } ]".
using Security = std::map<std::string, std::string>;

/// "GET /api/streams" for each operation under `paths:`. The file is hand-written in one form: paths indented
/// by two, methods by four, what belongs to them by six.
Operations described_operations(Security* security = nullptr) {
    constexpr std::string_view kSecurity = "      security: ";
    std::ifstream file(std::string(HEADWATER_SOURCE_DIR) + "/schema/openapi.yaml");
    Operations operations;
    std::string path;
    std::string operation;
    bool is_in_paths = false;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != ' ') is_in_paths = line == "paths:";
        if (security != nullptr && is_in_paths && line.starts_with(kSecurity))
            security->emplace(operation, line.substr(kSecurity.size()));
        if (!is_in_paths || !line.ends_with(':')) continue;
        if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
        const std::string key = line.substr(0, line.size() - 1);
        for (const std::string method : {"get", "put", "post", "delete", "patch"}) {
            if (key != "    " + method) continue;
            std::string upper = method;
            std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
            operation = upper + " " + path;
            operations.insert(operation);
        }
    }
    return operations;
}

Operations routed_operations() {
    Operations operations;
    for (const Route& route : routes()) {
        operations.insert(std::string(to_string(route.method)) + " " + std::string(route.pattern));
    }
    return operations;
}

TEST(Openapi, DescribesEveryRouteAndNothingElse) {
    EXPECT_EQ(described_operations(), routed_operations());
}

TEST(Openapi, SaysWhoMayUseEachRoute) {
    Security security;
    (void)described_operations(&security);
    for (const Route& route : routes()) {
        const std::string operation = std::string(to_string(route.method)) + " " + std::string(route.pattern);
        const auto said = security.find(operation);
        ASSERT_NE(said, security.end()) << operation << " needs a line `security:` in openapi.yaml";
        const bool needs_scope =
            route.admission.kind == Admission::Kind::scope || route.admission.kind == Admission::Kind::live;
        const std::string scoped = "[ { key: [ " + std::string(to_string(route.admission.wanted)) + " ] } ]";
        if (needs_scope) {
            EXPECT_EQ(said->second, scoped) << operation;
        } else {
            EXPECT_FALSE(said->second.contains("key: [ ")) << operation;
        }
    }
}

TEST(Routes, ScopesAndNamesAreGiven) {
    for (const Route& route : routes()) {
        EXPECT_FALSE(route.name.empty()) << route.pattern;
        EXPECT_TRUE(route.pattern.starts_with('/')) << route.pattern;
        EXPECT_NE(route.handler, nullptr) << route.pattern;
        EXPECT_NE(route.admission.kind, Admission::Kind::unstated)
            << route.pattern << " says neither which scope opens it nor that none is needed";
    }
}

}  // namespace
}  // namespace headwater::rest
