#include "rest/ops/process_figures.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace headwater::rest {
namespace {

/// The fields of /proc/self/stat from the state (field 3 of proc(5)) on; the name before it may hold
/// anything.
std::vector<std::string> stat_fields() {
    std::ifstream file("/proc/self/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
    return {std::istream_iterator<std::string>(rest), {}};
}

double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string word; file >> word;) {
        double value = 0;
        if (word == "btime" && file >> value) return value;
    }
    return 0;
}

std::int64_t open_descriptors() {
    std::error_code ignored;
    const std::filesystem::directory_iterator entries("/proc/self/fd", ignored);
    return std::distance(begin(entries), end(entries));
}

void add(std::string& out, const char* name, const char* type, const char* help, double value) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type,
                   value);
}

}  // namespace

std::string process_figures() {
    const std::vector<std::string> stat = stat_fields();
    if (stat.size() < 22) return {};
    // Indexes are proc(5)'s field numbers less 3.
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
    std::string out;
    add(out, "process_cpu_seconds_total", "counter", "User and system CPU time spent, in seconds.",
        (std::stod(stat[11]) + std::stod(stat[12])) / ticks);
    add(out, "process_threads", "gauge", "Threads of this process.", std::stod(stat[17]));
    add(out, "process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.",
        boot_time() + std::stod(stat[19]) / ticks);
    add(out, "process_virtual_memory_bytes", "gauge", "Virtual memory, in bytes.", std::stod(stat[20]));
    add(out, "process_resident_memory_bytes", "gauge", "Resident memory, in bytes.",
        std::stod(stat[21]) * page);
    add(out, "process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(open_descriptors()));
    return out;
}

}  // namespace headwater::rest
