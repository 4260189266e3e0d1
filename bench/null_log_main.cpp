// Intake's ceiling: a whole node, of whose log only the writer is missing. Takes headwater's own command
// line.

#include <memory>

#include "app/serve.hpp"
#include "app/serve_options.hpp"
#include "cli/command_line.hpp"
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
    app::ServeOptions options;
    cli::Subcommand root("headwater_null_log", "A server without a log");
    cli::Subcommand& serve = root.add("serve", "Run the server");
    app::add_serve_options(serve, options);
    serve.run([&options] { return app::serve(options, [] { return std::make_unique<NullLogWriter>(); }); });
    return cli::run_command_line(root, "bench", argc, argv);
}
