#include "core/notice_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/intake.hpp"

namespace headwater {
namespace {

constexpr std::string_view kSourceMember = R"({"source":")";

/// The inner destination with its kind as first member: `{"source":"email","to":…}`. Sinks skip that member.
std::string wrap(std::string_view source, std::string_view destination) {
    const std::string_view rest = destination.substr(1);
    return fmt::format("{}{}\"{}{}", kSourceMember, source, rest == "}" ? "" : ",", rest);
}

std::string_view source_of(std::string_view destination) {
    if (!destination.starts_with(kSourceMember)) return {};
    destination.remove_prefix(kSourceMember.size());
    return destination.substr(0, destination.find('"'));
}

/// Derived from all that the client gave, and nothing that was made for it.
std::string stream_name(std::string_view source, const ParsedDestination& parsed) {
    std::string given = parsed.json;
    const std::size_t made = parsed.shown_once.empty() ? std::string::npos : given.find(parsed.shown_once);
    if (made != std::string::npos) given.erase(made, parsed.shown_once.size());
    std::string name = fmt::format("monitor-{}-", source);
    for (const unsigned char byte : digest_of({source, given})) name += fmt::format("{:02x}", byte);
    return name;
}

class NoticeSink final : public Sink {
  public:
    NoticeSink(StreamId stream, std::unique_ptr<Sink> inner) : stream_(stream), inner_(std::move(inner)) {}

    void deliver(Delivery delivery) override {
        if (is_for_notice_stream(*delivery.event, stream_)) {
            inner_->deliver(std::move(delivery));
        } else {
            delivery.settle({});
        }
    }
    [[nodiscard]] std::size_t window() const override { return inner_->window(); }
    [[nodiscard]] std::vector<std::chrono::seconds> retries() const override { return inner_->retries(); }

  private:
    StreamId stream_;
    std::unique_ptr<Sink> inner_;
};

}  // namespace

bool is_for_notice_stream(const Event& event, StreamId stream) {
    if (event.type != kMonitorDead && event.type != kMonitorOk) return true;
    // The payload is our own. Inside of a name each quote is escaped, so this stands for the member alone.
    constexpr std::string_view kNotices = R"("notices")";
    const std::string_view payload = event.payload();
    const std::size_t begin = payload.find(kNotices);
    if (begin == std::string_view::npos) return false;
    const std::string_view list = payload.substr(begin + kNotices.size(), payload.find(']', begin) - begin);
    return list.find(fmt::format("\"{}\"", to_string(stream))) != std::string_view::npos;
}

std::expected<Notice, std::vector<FieldError>> NoticeSinkType::read(
    std::string_view element_json, std::string_view source, const Stored& stored,
    const std::optional<std::string>& replaced) const {
    const SinkType* inner = find(source);
    if (inner == nullptr) {
        std::string known;
        for (const SinkType* type : inner_) known.append(known.empty() ? "" : ", ").append(type->source());
        return std::unexpected(
            std::vector<FieldError>{{"/source", fmt::format("One of {} is needed here.", known)}});
    }
    const bool is_same_kind = replaced && source_of(*replaced) == source;
    auto parsed =
        inner->parse(element_json, is_same_kind ? std::optional<std::string_view>(*replaced) : std::nullopt);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    std::string name = stream_name(source, *parsed);
    if (const auto before = stored(name)) {
        parsed = inner->parse(element_json, *before);
        if (!parsed) return std::unexpected(std::move(parsed.error()));
    }
    return Notice{.stream = std::move(name),
                  .destination = wrap(source, parsed->json),
                  .shown_once = std::move(parsed->shown_once),
                  .order = parsed->default_order};
}

std::expected<ParsedDestination, std::vector<FieldError>> NoticeSinkType::parse(
    std::string_view /*stream_json*/, std::optional<std::string_view> /*stored*/) const {
    return std::unexpected(std::vector<FieldError>{
        {"/source", "Such streams come with monitors: name the destination in a monitor's \"notify\"."}});
}

std::string NoticeSinkType::describe(std::string_view destination) const {
    return "\"notice\":" + describe_notice(destination);
}

std::string NoticeSinkType::describe_notice(std::string_view destination) const {
    const SinkType* inner = inner_of(destination);
    const std::string members = inner == nullptr ? std::string() : inner->describe(destination);
    return fmt::format("{}{}\"{}{}}}", kSourceMember, source_of(destination), members.empty() ? "" : ",",
                       members);
}

std::expected<void, std::string> NoticeSinkType::verify(std::string_view destination) const {
    const SinkType* inner = inner_of(destination);
    if (inner == nullptr) return {};
    return inner->verify(destination);
}

std::expected<ParsedDestination, std::string> NoticeSinkType::rotate_secret(std::string_view destination,
                                                                            Timestamp now) const {
    const SinkType* inner = inner_of(destination);
    if (inner == nullptr) return SinkType::rotate_secret(destination, now);
    auto rotated = inner->rotate_secret(destination, now);
    if (rotated) rotated->json = wrap(inner->source(), rotated->json);
    return rotated;
}

std::unique_ptr<Sink> NoticeSinkType::open(StreamId stream, std::string_view destination) const {
    const SinkType* inner = inner_of(destination);
    auto sink = inner == nullptr ? nullptr : inner->open(stream, destination);
    if (!sink) return nullptr;
    return std::make_unique<NoticeSink>(stream, std::move(sink));
}

const SinkType* NoticeSinkType::find(std::string_view source) const {
    const auto found = std::ranges::find(inner_, source, &SinkType::source);
    return found == inner_.end() ? nullptr : *found;
}

const SinkType* NoticeSinkType::inner_of(std::string_view destination) const {
    return find(source_of(destination));
}

}  // namespace headwater
