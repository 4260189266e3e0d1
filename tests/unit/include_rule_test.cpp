// The direction of dependencies, as docs/architecture.md draws it: core <- postgres, sinks, rest, ws,
// cli <- app <- main, transport between core and rest and ws, and each third-party library in the one folder
// that owns it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace headwater {
namespace {

namespace fs = std::filesystem;

struct Include {
    std::string file;  ///< from src/, such as "core/log.cpp"
    std::string path;  ///< between the quotes or brackets
};

std::vector<std::string_view> includable_from(std::string_view folder) {
    if (folder == "core") return {"core"};
    if (folder == "main.cpp") return {"core", "cli", "app"};
    if (folder == "app") return {"core", "postgres", "sinks", "transport", "rest", "ws", "cli", "app"};
    if (folder == "rest" || folder == "ws") return {"core", "transport", folder};
    return {"core", folder};
}

struct Library {
    std::string_view prefix;               ///< of the include
    std::vector<std::string_view> places;  ///< beginnings of the files that may have it
};

const std::vector<Library>& owned_libraries() {
    static const std::vector<Library> libraries{
        {"boost/", {"transport/", "rest/", "ws/", "app/"}},
        {"openssl/ssl", {"transport/"}},
        {"pqxx/", {"postgres/"}},
        {"libpq", {"postgres/"}},
        {"pg_config", {"postgres/"}},
        {"postgresql/", {"postgres/"}},
        {"amqp", {"sinks/rabbit/"}},
        {"rabbitmq-c/", {"sinks/rabbit/"}},
        {"curl/", {"sinks/curl/", "sinks/webhook/", "sinks/email/", "sinks/acl/", "cli/"}},
        {"pistache/", {"rest/ops/"}},
        {"prometheus/", {"rest/ops/"}},
        {"zlib", {"rest/"}},
        {"CLI/", {"cli/", "app/", "main.cpp"}},
        {"toml++/", {"cli/"}},
        {"rapidjson/", {"core/", "sinks/", "rest/", "postgres/", "ws/", "cli/"}},
    };
    return libraries;
}

std::vector<Include> includes_of(const fs::path& source, const std::string& name) {
    std::vector<Include> found;
    std::ifstream file(source);
    for (std::string line; std::getline(file, line);) {
        const auto begin = line.find_first_of("<\"");
        if (!line.starts_with("#include") || begin == std::string::npos) continue;
        const auto end = line.find_first_of(">\"", begin + 1);
        found.push_back({name, line.substr(begin + 1, end - begin - 1)});
    }
    return found;
}

std::vector<Include> all_includes() {
    const fs::path root = fs::path(HEADWATER_SOURCE_DIR) / "src";
    std::vector<Include> found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const auto extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp") continue;
        const auto more = includes_of(entry.path(), fs::relative(entry.path(), root).generic_string());
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

bool is_one_of_ours(std::string_view folder) {
    static constexpr std::string_view kFolders[] = {"core", "postgres", "sinks", "transport",
                                                    "rest", "ws",       "cli",   "app"};
    return std::ranges::find(kFolders, folder) != std::end(kFolders);
}

TEST(IncludeRule, FoldersIncludeOnlyWhatStandsBelowThem) {
    const auto includes = all_includes();
    EXPECT_GT(includes.size(), 100U);
    for (const auto& [file, path] : includes) {
        const auto target = path.substr(0, path.find('/'));
        if (path.find('/') == std::string::npos || !is_one_of_ours(target)) continue;
        const auto allowed = includable_from(std::string_view(file).substr(0, file.find('/')));
        EXPECT_TRUE(std::ranges::find(allowed, target) != allowed.end()) << file << " includes " << path;
    }
}

TEST(IncludeRule, ThirdPartyHeadersStayInTheirFolder) {
    for (const auto& [file, path] : all_includes()) {
        for (const auto& [prefix, places] : owned_libraries()) {
            if (!path.starts_with(prefix)) continue;
            const auto is_place = [&](std::string_view place) { return file.starts_with(place); };
            EXPECT_TRUE(std::ranges::any_of(places, is_place)) << file << " includes " << path;
        }
    }
}

}  // namespace
}  // namespace headwater
