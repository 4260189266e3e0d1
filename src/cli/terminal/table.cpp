#include "cli/terminal/table.hpp"

#include <unistd.h>

#include <algorithm>

#include "cli/subcommand.hpp"
#include "cli/terminal/terminal.hpp"

namespace headwater::cli {
namespace {

constexpr std::size_t kGap = 2;

std::string cut(const std::string& text, std::size_t columns) {
    if (columns_of(text) <= columns) return text;
    std::string shown;
    for (const char c : text) {
        const bool begins_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        if (begins_character && columns_of(shown) + 1 >= columns) break;
        shown += c;
    }
    return shown + "…";
}

}  // namespace

std::string Table::to_text(std::size_t width) const {
    Paint paint = Paint::for_output();
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = columns_of(columns_[i].title);
        for (const auto& row : rows_) widest = std::max(widest, columns_of(row[i]));
        widths.push_back(widest);
    }
    std::string out;
    const auto add_row = [&](const std::vector<std::string>& cells, bool is_title) {
        std::size_t used = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool is_last = i + 1 == cells.size();
            const std::size_t left = width > used ? std::max<std::size_t>(width - used, 10) : 10;
            const std::string cell =
                is_last && cells[i].find('\033') == std::string::npos ? cut(cells[i], left) : cells[i];
            const std::string space(widths[i] - std::min(widths[i], columns_of(cell)), ' ');
            if (columns_[i].align == Align::right) out += space;
            out += is_title ? paint.bold(cell) : cell;
            if (!is_last) out += (columns_[i].align == Align::left ? space : "") + std::string(kGap, ' ');
            used += widths[i] + kGap;
        }
        out += '\n';
    };
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    add_row(titles, true);
    for (const auto& row : rows_) add_row(row, false);
    return out;
}

int print_table(const Table& table, const std::string& sentence_when_empty) {
    const std::string text =
        table.is_empty() ? sentence_when_empty + "\n" : table.to_text(terminal_width(STDOUT_FILENO));
    return write_output(text) ? kSuccess : kFailure;
}

}  // namespace headwater::cli
