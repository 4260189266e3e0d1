#pragma once

#include <string>

#include "cli/json/json_view.hpp"
#include "cli/terminal/terminal.hpp"

namespace headwater::cli {

/// Prints events to standard output, a line each: for people, or as JSON.
class EventPrinter {
  public:
    enum class Form { line, json };

    explicit EventPrinter(Form form) : form_(form), paint_(Paint::for_output()) {}

    /// False when nobody reads standard output any more.
    [[nodiscard]] bool print(const Json& event) const;

  private:
    [[nodiscard]] std::string line_of(const Json& event) const;

    Form form_;
    Paint paint_;
};

}  // namespace headwater::cli
