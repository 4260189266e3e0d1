// Intake's ceiling: a whole node, of whose log only the writer is missing. Takes headwater's own command
// line.

#include <memory>

#include "app/options.hpp"
#include "app/serve.hpp"
#include "core/time.hpp"

namespace {

using namespace headwater;

/// Gives out ids and stores nothing.
class NullLogWriter final : public LogWriter {
  public:
    AppendResult append(const AppendBatch& batch) override {
        const Timestamp now = clock_.now();
        AppendResult result{head_, now, now, {}};
        result.events.reserve(batch.events.size());
        for (std::size_t i = 0; i < batch.events.size(); ++i) {
            head_.value += 1;
            result.events.push_back({Appended::Outcome::stored, head_, now});
        }
        return result;
    }

  private:
    SystemClock clock_;
    Position head_;
};

}  // namespace

int main(int argc, char** argv) {
    const app::CommandLineResult read = app::read_command_line(argc, argv);
    if (read.should_exit) return read.exit_code;
    return app::serve(read.line.serve, [] { return std::make_unique<NullLogWriter>(); });
}
