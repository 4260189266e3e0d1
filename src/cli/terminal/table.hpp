#pragma once

#include <string>
#include <vector>

namespace headwater::cli {

/// A table for people: columns as wide as their widest cell, numbers to the right; the last column is cut at
/// the terminal's edge.
class Table {
  public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool is_empty() const { return rows_.empty(); }
    /// Lines with their ends.
    [[nodiscard]] std::string to_text(std::size_t width) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Prints it, or the sentence when it has no rows. Returns the exit code.
int print_table(const Table& table, const std::string& sentence_when_empty);

}  // namespace headwater::cli
