// The e-mail sink against aiosmtpd, which fails as it is told.
#include "sinks/email/email_sink_type.hpp"

#include <sstream>

#include "tests/contract/sink_contract.hpp"
#include "tests/support/smtp_server.hpp"

namespace headwater::testing {
namespace {

using sinks::EmailSinkType;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

sinks::SmtpServer settings(const SmtpServer& server, milliseconds timeout = seconds(20)) {
    auto made = sinks::SmtpServer::parse(server.url(), "headwater@example.org").value();
    made.timeout = timeout;
    return made;
}

class EmailUnderTest final : public SinkUnderTest {
  public:
    const SinkType& type() override { return type_; }
    std::string stream_json() override {
        return R"({"source":"email","to":"ops@example.org","template":"{event}"})";
    }
    std::pair<std::string, std::set<std::string>> mistaken_json() override {
        return {
            R"({"to":["ops@example.org","a\r\nRCPT TO:<b@x>@example.org"],"subject":"a\nBcc: x","template":"{nothing}","x":1})",
            {"/to/1", "/subject", "/template", "/x"}};
    }
    std::vector<std::string> received() override {
        std::vector<std::string> bodies;
        for (const ReceivedMail& mail : server_.mails()) bodies.push_back(mail.text);
        return bodies;
    }
    void take_away() override { server_.stop(); }
    void bring_back() override { server_.start(); }
    void refuse() override { server_.answer_mail("451 4.3.0 later"); }
    void accept() override { server_.answer_mail(""); }
    void fall_silent() override { server_.set_mode("hang"); }

    SmtpServer& server() { return server_; }

  private:
    SmtpServer server_;
    EmailSinkType type_{settings(server_)};
};

INSTANTIATE_TEST_SUITE_P(EmailSink, SinkContract, ::testing::Values([] {
                             return std::unique_ptr<SinkUnderTest>(std::make_unique<EmailUnderTest>());
                         }));

class EmailSinkTest : public ::testing::Test {
  protected:
    using Outcome = DeliveryResult::Outcome;

    std::unique_ptr<Sink> open(const std::string& json, milliseconds timeout = seconds(20)) {
        type_.emplace(settings(server_, timeout));
        return type_->open(StreamId{1}, type_->parse(json, std::nullopt).value().json);
    }
    std::unique_ptr<Sink> open_to_three() {
        return open(R"({"to":["a@example.org","b@example.org","c@example.org"]})");
    }
    DeliveryResult try_one(Sink& sink, std::int64_t id = 1) {
        return settlements_.try_one(sink, make_sink_event(id));
    }
    std::vector<std::string> recipients() {
        std::vector<std::string> all;
        for (const ReceivedMail& mail : server_.mails())
            all.insert(all.end(), mail.recipients.begin(), mail.recipients.end());
        return all;
    }
    std::vector<std::string> message_ids() {
        std::vector<std::string> all;
        for (const ReceivedMail& mail : server_.mails()) all.push_back(mail.headers.at("Message-ID"));
        return all;
    }

    SmtpServer server_;
    Settlements settlements_;
    std::optional<EmailSinkType> type_;
};

TEST_F(EmailSinkTest, WritesTextAndHtmlWithTheHeadersThatMailNeeds) {
    const auto sink =
        open(R"({"to":"ops@example.org","subject":"Bücher & {payload.name}",)"
             R"("template":"<b>{payload.name}</b> {payload.list.1.n} {payload.none}{{{type} {id}"})");
    const EventPtr event =
        make_sink_event(7, R"({"name":"<i>Ärger\r\nBcc: x@y</i>","list":[0,{"n":1.10e2}]})");
    EXPECT_EQ(settlements_.try_one(*sink, event).outcome, Outcome::delivered);
    const ReceivedMail mail = server_.mails().at(0);
    EXPECT_EQ(mail.sender, "headwater@example.org");
    EXPECT_THAT(mail.recipients, ElementsAre("ops@example.org"));
    EXPECT_EQ(mail.headers.at("Subject"), "Bücher & <i>Ärger  Bcc: x@y</i>");
    EXPECT_EQ(mail.headers.count("Bcc"), 0U);
    EXPECT_EQ(mail.headers.at("From"), "headwater@example.org");
    EXPECT_EQ(mail.headers.at("To"), "ops@example.org");
    EXPECT_EQ(mail.headers.at("Auto-Submitted"), "auto-generated");
    EXPECT_THAT(mail.headers.at("Message-ID"), ::testing::MatchesRegex("<7\\.[0-9a-f]+@example\\.org>"));
    EXPECT_THAT(mail.headers.at("Content-Type"), HasSubstr("multipart/alternative"));
    EXPECT_THAT(mail.headers, ::testing::Contains(::testing::Key("Date")));
    EXPECT_EQ(mail.text, "<b><i>Ärger\r\nBcc: x@y</i></b> 1.10e2 {sink:test 7");
    EXPECT_THAT(mail.html, HasSubstr("&lt;b&gt;&lt;i&gt;Ärger"));
    EXPECT_THAT(mail.html, Not(HasSubstr("<b>")));
}

TEST_F(EmailSinkTest, KeepsEveryHeaderLineShort) {
    const auto sink = open(R"({"to":"ops@example.org","subject":"{payload}"})");

    std::string umlauts = "\"";
    for (int i = 0; i < 300; ++i) umlauts += "ä";
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1, umlauts + "\"")).outcome, Outcome::delivered);
    std::istringstream lines(server_.mails().at(0).raw_headers);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 79U) << line;
    EXPECT_THAT(server_.mails().at(0).headers.at("Subject"), ::testing::StartsWith("\"ääää"));
}

TEST_F(EmailSinkTest, OneRefusedRecipientDoesNotTakeTheOthers) {
    const auto sink = open_to_three();
    server_.answer_recipient("b@example.org", "550 5.1.1 no such user");
    const DeliveryResult refused = try_one(*sink);
    EXPECT_EQ(refused.outcome, Outcome::rejected);
    EXPECT_EQ(refused.status, 550);
    EXPECT_EQ(refused.reason, "1 of 3 recipients have no mail: The mail server refused the recipient (550).");
    EXPECT_THAT(refused.response, HasSubstr("no such user"));
    EXPECT_THAT(recipients(), UnorderedElementsAre("a@example.org", "c@example.org"));

    server_.answer_recipient("b@example.org", "");
    EXPECT_EQ(try_one(*sink).outcome, Outcome::delivered);
    EXPECT_THAT(recipients(), UnorderedElementsAre("a@example.org", "c@example.org", "b@example.org"));
}

TEST_F(EmailSinkTest, AGreylistedRecipientIsTriedAgainAlone) {
    const auto sink = open_to_three();
    server_.answer_recipient("c@example.org", "450 4.2.0 greylisted", 1);
    const DeliveryResult later = try_one(*sink);
    EXPECT_EQ(later.outcome, Outcome::failed);
    EXPECT_EQ(later.status, 450);
    EXPECT_EQ(try_one(*sink).outcome, Outcome::delivered);
    EXPECT_THAT(recipients(), UnorderedElementsAre("a@example.org", "b@example.org", "c@example.org"));
}

TEST_F(EmailSinkTest, AnotherNodeIsToldWhoHasTheMail) {
    server_.answer_recipient("c@example.org", "450 4.2.0 greylisted", 1);
    const DeliveryResult later = try_one(*open_to_three());
    EXPECT_EQ(later.outcome, Outcome::failed);
    const auto elsewhere = open_to_three();  // with a memory of its own
    EXPECT_EQ(settlements_.try_one(*elsewhere, make_sink_event(1), later.progress).outcome,
              Outcome::delivered);
    EXPECT_THAT(recipients(), UnorderedElementsAre("a@example.org", "b@example.org", "c@example.org"));
}

TEST_F(EmailSinkTest, TellsWhatPassesFromWhatStays) {
    const auto sink = open(R"({"to":"ops@example.org"})");
    server_.answer_mail("451 4.3.0 no room", 1);
    EXPECT_EQ(try_one(*sink).outcome, Outcome::failed);
    server_.answer_mail("554 5.6.0 spam", 1);
    const DeliveryResult spam = try_one(*sink);
    EXPECT_EQ(spam.outcome, Outcome::rejected);
    EXPECT_EQ(spam.reason, "The mail server refused the mail (554).");
    server_.set_mode("closing");
    const DeliveryResult closing = try_one(*sink);
    EXPECT_EQ(closing.outcome, Outcome::unavailable) << closing.reason;
    server_.set_mode("ok");
    EXPECT_EQ(try_one(*sink).outcome, Outcome::delivered);
    EXPECT_EQ(server_.mails().size(), 1U);
}

TEST_F(EmailSinkTest, RepeatsUnderTheSameMessageIdWhenTheAnswerWasLost) {
    const auto sink = open(R"({"to":"ops@example.org"})");
    server_.set_mode("lose_answer");
    const DeliveryResult lost = try_one(*sink);
    EXPECT_EQ(lost.outcome, Outcome::failed);
    EXPECT_THAT(lost.reason, HasSubstr("perhaps been sent"));
    EXPECT_EQ(try_one(*sink).outcome, Outcome::delivered);
    const auto ids = message_ids();
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(ids[0], ids[1]);
    EXPECT_EQ(try_one(*sink, 2).outcome, Outcome::delivered);
    EXPECT_NE(message_ids().back(), ids[0]);
}

TEST_F(EmailSinkTest, AServerThatHangsIsAway) {
    const auto sink = open(R"({"to":"ops@example.org"})", milliseconds(300));
    server_.set_mode("hang");
    const DeliveryResult result = try_one(*sink);
    EXPECT_EQ(result.outcome, Outcome::unavailable);
    EXPECT_EQ(result.reason, "The mail server did not answer in time.");
}

TEST_F(EmailSinkTest, CredentialsGoOverVerifiedTlsAlone) {
    const SmtpServer strict("us er:p@ss");
    const auto parsed = [&](const std::string& host, const std::string& certificates) {
        const std::string url = "smtp://us%20er:p%40ss@" + host + ":" + std::to_string(strict.port());
        auto made = sinks::SmtpServer::parse(url, "headwater@example.org").value();
        made.certificates = certificates;
        return made;
    };
    const std::string json = R"({"to":"ops@example.org"})";
    const EmailSinkType trusting(parsed("127.0.0.1", strict.certificate()));
    const DeliveryResult good = settlements_.try_one(*trusting.open(StreamId{1}, json), make_sink_event(1));
    EXPECT_EQ(good.outcome, Outcome::delivered) << good.reason;
    ASSERT_EQ(strict.mails().size(), 1U);
    EXPECT_TRUE(strict.mails()[0].is_over_tls);

    const EmailSinkType suspicious(parsed("127.0.0.1", ""));
    const DeliveryResult unverified =
        settlements_.try_one(*suspicious.open(StreamId{1}, json), make_sink_event(2));
    EXPECT_EQ(unverified.outcome, Outcome::unavailable);
    EXPECT_EQ(unverified.reason, "The mail server's TLS certificate cannot be verified.");

    auto plain =
        sinks::SmtpServer::parse("smtp://u:p@127.0.0.1:" + std::to_string(server_.port()), "a@b").value();
    const EmailSinkType careful(plain);
    const DeliveryResult without = settlements_.try_one(*careful.open(StreamId{1}, json), make_sink_event(3));
    EXPECT_EQ(without.outcome, Outcome::unavailable);
    EXPECT_EQ(without.reason, "The mail server offers no TLS, which credentials need.");
    EXPECT_EQ(server_.mails().size(), 0U);
}

TEST_F(EmailSinkTest, WithoutAMailServerARegistrationIsRefused) {
    const EmailSinkType none(std::nullopt);
    const auto verified = none.verify(R"({"to":"ops@example.org"})");
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error(), "This server sends no mail: it was started without --smtp-url.");
    const auto sink = none.open(StreamId{1}, R"({"to":"ops@example.org"})");
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::unavailable);
}

TEST_F(EmailSinkTest, WhatIsOverTheRateWaits) {
    auto made = settings(server_);
    made.mails_per_minute = 3;
    const EmailSinkType slow(made);
    const auto sink = slow.open(StreamId{1}, R"({"to":["a@example.org"]})");
    const auto other = slow.open(StreamId{2}, R"({"to":["b@example.org"]})");
    for (std::int64_t id = 1; id <= 5; ++id) sink->deliver(settlements_.delivery_of(make_sink_event(id)));
    ASSERT_TRUE(settlements_.wait_for(3));
    Settlements others;
    EXPECT_EQ(others.try_one(*other, make_sink_event(9)).outcome, Outcome::delivered);
    EXPECT_EQ(settlements_.all().size(), 3U) << "two wait for the next minute";
}

}  // namespace
}  // namespace headwater::testing
