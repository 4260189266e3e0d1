#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace headwater::testing {

/// A certificate for "localhost" and 127.0.0.1, and the authority of the test's own that signed it (PEM
/// files).
struct TestCertificate {
    std::filesystem::path authority;
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// Makes one in the folder, with openssl; readable for everybody. It is valid from now on for so many days,
/// or has been until some days ago when they are negative. Throws std::runtime_error.
[[nodiscard]] TestCertificate make_certificate(const std::filesystem::path& folder,
                                               const std::string& common_name = "localhost", int days = 2);

/// openssl, in the folder. Throws std::runtime_error when it fails.
void run_openssl(const std::filesystem::path& folder, std::vector<std::string> words);

}  // namespace headwater::testing
