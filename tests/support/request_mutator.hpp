#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace headwater::testing {

/// Breaks valid requests at random, as a hostile client would: bytes, framing, line ends, lengths, pieces of
/// other requests. The same seed breaks in the same way. Not thread-safe.
class RequestMutator {
  public:
    RequestMutator(std::vector<std::string> requests, std::uint64_t seed);

    /// One connection's bytes: one to three requests, some of them broken.
    [[nodiscard]] std::string next();
    [[nodiscard]] std::size_t pick(std::size_t below);

  private:
    void mutate(std::string& text);
    void replace_line(std::string& text);

    const std::vector<std::string> requests_;
    std::mt19937_64 random_;
};

}  // namespace headwater::testing
