#include "cli/event_printer.hpp"

namespace headwater::cli {
namespace {

/// "2018-02-01 11:12:01.000"; the whole text when it has another form.
std::string short_time(std::string time) {
    if (time.size() < 27 || time[10] != 'T') return time;
    time[10] = ' ';
    return time.substr(0, 23);
}

}  // namespace

bool EventPrinter::print(const Json& event) const {
    return write_output(form_ == Form::json ? event.compact() + "\n" : line_of(event));
}

std::string EventPrinter::line_of(const Json& event) const {
    std::string line = paint_.dim(printable(short_time(event["created_at"].text())));
    line += "  " + paint_.dim(printable(event["id"].text()));
    line += "  " + paint_.cyan(printable(event["type"].text()));
    if (const std::string subject = event["subject"].text(); !subject.empty()) {
        line += " " + paint_.yellow(printable(subject));
    }
    if (event["ephemeral"].is_true()) line += " " + paint_.dim("(ephemeral)");
    if (event["processed"].is_true()) line += " " + paint_.dim("(processed)");
    const Json payload = event["payload"];
    line += "  " +
            printable(payload.is_absent() ? "base64:" + event["payload_base64"].text() : payload.compact());
    return line + "\n";
}

}  // namespace headwater::cli
