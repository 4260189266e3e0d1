#pragma once

#include <filesystem>

namespace headwater::testing {

/// A certificate for "localhost" and 127.0.0.1, and the authority of the test's own that signed it (PEM
/// files).
struct TestCertificate {
    std::filesystem::path authority;
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// Makes one in the folder, with openssl; readable for everybody. Throws std::runtime_error.
[[nodiscard]] TestCertificate make_certificate(const std::filesystem::path& folder);

}  // namespace headwater::testing
