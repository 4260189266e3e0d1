#include "cli/options/option_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/options/closest_name.hpp"

namespace headwater::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A table with one option of each kind, and a file that is removed with it.
class OptionReader : public ::testing::Test {
  protected:
    OptionReader() {
        table_.from(Sources::variable_and_file)
            .add("name", text(name_, "NAME"), "A name")
            .add("network", texts(networks_, "CIDR"), "Networks")
            .add("max-things", number(things_, 1, 64), "Things")
            .add("queue-bytes", byte_size(bytes_, 1024, 64 << 20), "Queue")
            .add("drain", seconds(drain_, 3600), "Drain")
            .add("level", choice(level_, {"low", "high"}), "Level")
            .add("open", flag(is_open_), "Open")
            .from(Sources::arguments_only)
            .add("dry-run", flag(is_dry_), "Change nothing");
    }
    ~OptionReader() override { std::filesystem::remove(file_); }

    std::string write(const std::string& content) {
        std::ofstream(file_) << content;
        return file_;
    }
    OptionFindings read(const GivenTexts& given, std::map<std::string, std::string> variables = {},
                        const std::string& file = "") {
        return read_options(table_, given, Environment{std::move(variables)}, file);
    }

    std::string file_ =
        (std::filesystem::temp_directory_path() / ("hw-options-" + std::to_string(getpid()) + ".toml"))
            .string();
    std::string name_ = "nobody";
    std::vector<std::string> networks_;
    std::size_t things_ = 4;
    std::size_t bytes_ = 1 << 20;
    std::chrono::seconds drain_{15};
    std::string level_ = "low";
    bool is_open_ = false;
    bool is_dry_ = false;
    OptionTable table_;
};

TEST_F(OptionReader, KeepsTheDefaultsOfWhatNobodySays) {
    EXPECT_THAT(read({}).mistakes, IsEmpty());
    EXPECT_EQ(name_, "nobody");
    EXPECT_EQ(things_, 4U);
}

TEST_F(OptionReader, PrefersTheCommandLineToVariablesAndThoseToTheFile) {
    const auto file = write("name = \"file\"\nmax-things = 1\nlevel = \"high\"\n");
    const auto findings =
        read({{"name", {"line"}}}, {{"HEADWATER_NAME", "variable"}, {"HEADWATER_MAX_THINGS", "2"}}, file);
    EXPECT_THAT(findings.mistakes, IsEmpty());
    EXPECT_EQ(name_, "line");
    EXPECT_EQ(things_, 2U);
    EXPECT_EQ(level_, "high");
}

TEST_F(OptionReader, ReadsEveryKindFromTheFile) {
    const auto file = write(
        "name = \"a b\" # a comment\nnetwork = [\"10.0.0.0/8\",\n  \"fd00::/8\"]\nmax-things = 64\n"
        "queue-bytes = \"2MiB\"\ndrain = 7\nopen = true\n");
    EXPECT_THAT(read({}, {}, file).mistakes, IsEmpty());
    EXPECT_EQ(name_, "a b");
    EXPECT_THAT(networks_, ElementsAre("10.0.0.0/8", "fd00::/8"));
    EXPECT_EQ(things_, 64U);
    EXPECT_EQ(bytes_, 2U << 20);
    EXPECT_EQ(drain_.count(), 7);
    EXPECT_TRUE(is_open_);
}

TEST_F(OptionReader, SeparatesSeveralValuesOfAVariableBySpaces) {
    EXPECT_THAT(read({}, {{"HEADWATER_NETWORK", "10.0.0.0/8  fd00::/8"}}).mistakes, IsEmpty());
    EXPECT_THAT(networks_, ElementsAre("10.0.0.0/8", "fd00::/8"));
}

TEST_F(OptionReader, TakesAnEmptyVariableForOneThatIsNotSet) {
    EXPECT_THAT(read({}, {{"HEADWATER_MAX_THINGS", ""}}).mistakes, IsEmpty());
    EXPECT_EQ(things_, 4U);
}

TEST_F(OptionReader, NamesEveryMistakeAtOnce) {
    const auto file = write("nam = \"x\"\nqueue-bytes = \"12 apples\"\n[section]\na = 1\n");
    const auto mistakes = read({{"max-things", {"65"}}, {"level", {"middle"}}},
                               {{"HEADWATER_DRAIN", "soon"}, {"HEADWATER_OPEN", "perhaps"}}, file)
                              .mistakes;
    EXPECT_THAT(mistakes, ElementsAre(HasSubstr("line 3: there is no section [section]"),
                                      HasSubstr("line 1: nam: there is no such option; did you mean name?"),
                                      "--max-things: '65' is not a whole number from 1 to 64",
                                      HasSubstr("line 2: queue-bytes: '12 apples' is not a size"),
                                      HasSubstr("HEADWATER_DRAIN: 'soon' is not a number of seconds"),
                                      "--level: 'middle' is not low or high",
                                      "HEADWATER_OPEN: 'perhaps' is neither true nor false"));
}

TEST_F(OptionReader, RefusesASecondValueOfWhatTakesOne) {
    EXPECT_THAT(read({{"name", {"a", "b"}}}).mistakes,
                ElementsAre("--name: takes one value, and was given 2"));
}

TEST_F(OptionReader, KeepsWhatOnlyTheCommandLineMayOrderOutOfTheFile) {
    EXPECT_THAT(read({}, {{"HEADWATER_DRY_RUN", "1"}}, write("dry-run = true\n")).mistakes,
                ElementsAre(HasSubstr("dry-run: there is no such option")));
    EXPECT_FALSE(is_dry_);
}

TEST_F(OptionReader, SaysWhereTheFileIsNoToml) {
    EXPECT_THAT(read({}, {}, write("name = \"a\"\nlevel = = 3\n")).mistakes,
                ElementsAre(HasSubstr("line 2: ")));
}

TEST_F(OptionReader, SaysThatTheFileIsNotThere) {
    EXPECT_THAT(read({}, {}, "/nowhere/headwater.toml").mistakes,
                ElementsAre(HasSubstr("/nowhere/headwater.toml cannot be read: No such file")));
}

TEST_F(OptionReader, WarnsOfVariablesThatNobodyReads) {
    const auto findings = read({}, {{"HEADWATER_LEVLE", "x"}, {"HEADWATER_URL", "x"}, {"HOME", "/"}});
    EXPECT_THAT(findings.warnings, ElementsAre("HEADWATER_LEVLE: there is no such variable; did you mean "
                                               "HEADWATER_LEVEL?"));
    EXPECT_THAT(findings.mistakes, IsEmpty());
}

TEST(ParseBytes, KnowsUnits) {
    EXPECT_EQ(parse_bytes("4096"), 4096);
    EXPECT_EQ(parse_bytes("4k"), 4096);
    EXPECT_EQ(parse_bytes("4 KiB"), 4096);
    EXPECT_EQ(parse_bytes("2MB"), 2 << 20);
    EXPECT_EQ(parse_bytes("1g"), 1 << 30);
    for (const char* bad : {"", "k", "-1", "1.5M", "1T", "99999999999G", "1 k b"}) {
        EXPECT_FALSE(parse_bytes(bad)) << bad;
    }
    EXPECT_EQ(to_byte_text(64 << 20), "64MiB");
    EXPECT_EQ(to_byte_text(1000), "1000");
}

TEST(ClosestName, IsNothingForWhatIsNotClose) {
    EXPECT_EQ(closest_name("lissten", {"listen", "level"}), "listen");
    EXPECT_EQ(closest_name("port", {"listen", "level"}), std::nullopt);
}

}  // namespace
}  // namespace headwater::cli
