#include "transport/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/certificates.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using transport::TlsContext;

std::vector<std::string> mistakes_of(const std::filesystem::path& certificate,
                                     const std::filesystem::path& key) {
    const auto loaded = TlsContext::load({certificate, key});
    return loaded ? std::vector<std::string>{} : loaded.error();
}

std::filesystem::path write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
    return path;
}

TEST(TlsContext, TakesACertificateAndItsKey) {
    const TempDir folder;
    const TestCertificate made = make_certificate(folder.path());
    const auto loaded = TlsContext::load({made.certificate, made.key});
    ASSERT_TRUE(loaded) << loaded.error().front();
    const auto now = std::chrono::system_clock::now();
    EXPECT_LE((*loaded)->valid_from(), now);
    EXPECT_GT((*loaded)->valid_until(), now + std::chrono::hours(40));
    EXPECT_LT((*loaded)->valid_until(), now + std::chrono::hours(49));
}

TEST(TlsContext, TakesAnExpiredOneAndSaysUntilWhen) {
    const TempDir folder;
    const TestCertificate made = make_certificate(folder.path(), "localhost", -1);
    const auto loaded = TlsContext::load({made.certificate, made.key});
    ASSERT_TRUE(loaded) << loaded.error().front();
    EXPECT_LT((*loaded)->valid_until(), std::chrono::system_clock::now());
}

TEST(TlsContext, SaysAllThatIsWrongWithTheFiles) {
    const TempDir folder;
    EXPECT_THAT(mistakes_of(folder / "none", folder / "missing"),
                ElementsAre(HasSubstr("none': No such file or directory"),
                            HasSubstr("missing': No such file or directory")));
    EXPECT_THAT(mistakes_of(folder.path(), folder.path()),
                ElementsAre(HasSubstr("Is a directory"), HasSubstr("Is a directory")));
    const auto nonsense = write(folder / "nonsense", "-----BEGIN NONSENSE-----\n");
    EXPECT_THAT(mistakes_of(nonsense, nonsense), ElementsAre(HasSubstr("holds no certificate in PEM form"),
                                                             HasSubstr("holds no private key in PEM form")));
}

TEST(TlsContext, SaysThatTheKeyIsAnotherOnes) {
    const TempDir folder;
    const TempDir other;
    const TestCertificate made = make_certificate(folder.path());
    EXPECT_THAT(mistakes_of(made.certificate, make_certificate(other.path()).key),
                ElementsAre(HasSubstr("does not belong to the first certificate in")));
}

TEST(TlsContext, AsksNobodyForAPassphrase) {
    const TempDir folder;
    const TestCertificate made = make_certificate(folder.path());
    run_openssl(folder.path(),
                {"pkey", "-in", "key.pem", "-aes256", "-passout", "pass:secret", "-out", "locked.pem"});
    EXPECT_THAT(mistakes_of(made.certificate, folder / "locked.pem"), ElementsAre(HasSubstr("is encrypted")));
}

TEST(TlsContext, TakesNoDamagedChainAndNoWeakKey) {
    const TempDir folder;
    const TestCertificate made = make_certificate(folder.path());
    std::ofstream(made.certificate, std::ios::app)
        << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    EXPECT_THAT(mistakes_of(made.certificate, made.key), ElementsAre(HasSubstr("certificate 2 of")));
    run_openssl(folder.path(), {"req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.key",
                                "-out", "weak.pem", "-subj", "/CN=weak"});
    EXPECT_THAT(mistakes_of(folder / "weak.pem", folder / "weak.key"), ElementsAre(HasSubstr("too weak")));
}

}  // namespace
}  // namespace headwater::testing
