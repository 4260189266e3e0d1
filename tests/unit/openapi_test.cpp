#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <string>

#include "rest/routes.hpp"

namespace headwater::rest {
namespace {

using Operations = std::set<std::string>;

/// "GET /api/streams" for each operation under `paths:`. The file is hand-written in one form: paths indented
/// by two, methods by four.
Operations described_operations() {
    std::ifstream file(std::string(HEADWATER_SOURCE_DIR) + "/schema/openapi.yaml");
    Operations operations;
    std::string path;
    bool is_in_paths = false;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != ' ') is_in_paths = line == "paths:";
        if (!is_in_paths || !line.ends_with(':')) continue;
        if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
        const std::string key = line.substr(0, line.size() - 1);
        for (const std::string method : {"get", "put", "post", "delete", "patch"}) {
            if (key != "    " + method) continue;
            std::string upper = method;
            std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
            operations.insert(upper + " " + path);
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
