#include <gtest/gtest.h>

#include "sinks/email/email_address.hpp"
#include "sinks/email/email_template.hpp"
#include "sinks/email/mail_pacer.hpp"
#include "sinks/email/mime.hpp"
#include "sinks/email/smtp_server.hpp"

namespace headwater::sinks {
namespace {

using std::chrono::seconds;

TEST(EmailAddress, TakesWhatMayStandOnTheWire) {
    const std::string label(63, 'a');
    for (const std::string& good :
         {std::string("a@b"), std::string("ops+x@example.org"), std::string("o'neil@sub.example.org"),
          std::string(64, 'l') + "@example.org", "a@" + label + ".org"}) {
        EXPECT_TRUE(is_email_address(good)) << good;
    }
    for (const std::string& bad : {std::string(""),
                                   std::string("a"),
                                   std::string("@b"),
                                   std::string("a@"),
                                   std::string("a@b@c"),
                                   std::string("a b@c"),
                                   std::string("a@b\r\nRCPT TO:<x@y>"),
                                   std::string("a\n@b"),
                                   std::string(".a@b"),
                                   std::string("a..b@c"),
                                   std::string("a@-b"),
                                   std::string("a@b..c"),
                                   std::string("a@[127.0.0.1]"),
                                   std::string("\"a b\"@c"),
                                   std::string("ä@b"),
                                   std::string("<a@b>"),
                                   std::string(65, 'l') + "@example.org",
                                   "a@" + label + "a.org",
                                   std::string("a@b\0c", 5),
                                   "a@" + label + "." + label + "." + label + "." + label}) {
        EXPECT_FALSE(is_email_address(bad)) << bad;
    }
}

TEST(EmailTemplate, NamesTheMistake) {
    EXPECT_TRUE(EmailTemplate::parse("").has_value());
    EXPECT_TRUE(EmailTemplate::parse("{{ } {payload.a}").has_value());
    for (const char* bad : {"{", "{id", "{}", "{ids}", "{payload.}", "{ id}"}) {
        const auto parsed = EmailTemplate::parse(bad);
        ASSERT_FALSE(parsed) << bad;
        EXPECT_NE(parsed.error(), "");
    }
}

TEST(Mime, KeepsControlCharactersOutOfHeaders) {
    EXPECT_EQ(to_header_text("a\r\nBcc: b", 7), "a  Bcc: b");
    EXPECT_EQ(to_header_text("grün", 7), "=?UTF-8?B?Z3LDvG4=?=");
    EXPECT_EQ(to_header_text("=?x?=", 7).find("=?UTF-8?B?"), 0U) << "what looks encoded is encoded again";
    EXPECT_NE(to_header_text(std::string(100, 'x'), 7).find("\r\n "), std::string::npos);
}

TEST(Mime, EndsLinesAsMailDoes) {
    EXPECT_EQ(with_crlf("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd");
    EXPECT_EQ(to_mime_base64(std::string(58, 'a')).find("\r\n"), 76U);
    EXPECT_EQ(to_html_text("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    EXPECT_EQ(to_mail_date(1517483521), "Thu, 01 Feb 2018 11:12:01 +0000");
}

TEST(MailPacer, NeverLetsMoreThroughInAMinute) {
    MailPacer pacer(2);
    const MailPacer::TimePoint start{};
    EXPECT_EQ(pacer.reserve("a", start), start);
    EXPECT_EQ(pacer.reserve("a", start + seconds(10)), start + seconds(10));
    EXPECT_EQ(pacer.reserve("b", start + seconds(10)), start + seconds(10));
    EXPECT_EQ(pacer.reserve("a", start + seconds(11)), start + seconds(60));
    EXPECT_EQ(pacer.reserve("a", start + seconds(12)), start + seconds(70));
    EXPECT_EQ(pacer.reserve("a", start + seconds(13)), start + seconds(120));
    EXPECT_EQ(MailPacer(0).reserve("a", start), start);
}

TEST(SmtpServer, ReadsItsAddress) {
    const auto server =
        SmtpServer::parse("smtps://us%40er:p%3Aw@mail.example.org:465", "x@example.org").value();
    EXPECT_EQ(server.url, "smtps://mail.example.org:465");
    EXPECT_EQ(server.user, "us@er");
    EXPECT_EQ(server.password, "p:w");
    EXPECT_FALSE(SmtpServer::parse("smtp://mail.example.org", "")->sender.empty());
    for (const char* bad : {"", "mail.example.org", "http://x/", "smtp://", "smtp://a\r\nb"}) {
        EXPECT_FALSE(SmtpServer::parse(bad, "x@y")) << bad;
    }
    EXPECT_FALSE(SmtpServer::parse("smtp://mail", "x y@z"));
}

}  // namespace
}  // namespace headwater::sinks
