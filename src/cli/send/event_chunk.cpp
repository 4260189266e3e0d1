#include "cli/send/event_chunk.hpp"

#include <fmt/format.h>

#include <span>

#include "core/json_text.hpp"
#include "core/sha256.hpp"

namespace headwater::cli {
namespace {

/// An input that says nothing for so long gets what it has said sent off.
constexpr std::chrono::milliseconds kIdle{100};

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

std::string_view EventChunk::line(std::size_t index) const {
    const std::size_t end = index + 1 < begins.size() ? begins[index + 1] : body.size();
    return std::string_view(body).substr(begins[index], end - begins[index] - 1);
}

EventChunk EventChunk::part(std::size_t begin, std::size_t end) const {
    EventChunk made;
    made.offset = offset + begin;  // only tells the halves' keys apart
    made.end_offset = end_offset;
    for (std::size_t i = begin; i < end; ++i) {
        made.begins.push_back(made.body.size());
        made.numbers.push_back(numbers[i]);
        made.body.append(line(i)).push_back('\n');
    }
    return made;
}

std::string EventChunk::idempotency_key(std::string_view seed) const {
    const std::string text = fmt::format("{}\n{}\n{}", seed, offset, body);
    std::string key = "headwater-send-";
    const Sha256 digest = sha256(text);
    for (const unsigned char byte : std::span(digest).first<16>()) key += fmt::format("{:02x}", byte);
    return key;
}

std::optional<EventChunk> Chunker::next() {
    EventChunk chunk;
    if (begun_) std::swap(chunk, *begun_);
    begun_.reset();
    while (chunk.size() < limits_.events) {
        if (chunk.size() > 0 && !reader_.is_ready(kIdle)) break;
        const auto line = reader_.next();
        if (!line) break;
        if (is_blank(line->text)) continue;
        const bool is_too_much = chunk.body.size() + line->text.size() + type_.size() + 32 > limits_.bytes;
        if (is_too_much && chunk.size() > 0) {
            add(begun_.emplace(), *line);
            break;
        }
        add(chunk, *line);
    }
    return chunk.size() > 0 ? std::optional(std::move(chunk)) : std::nullopt;
}

void Chunker::add(EventChunk& chunk, const LineReader::Line& line) const {
    if (chunk.size() == 0) chunk.offset = line.offset;
    chunk.end_offset = line.offset + line.text.size() + 1;
    chunk.begins.push_back(chunk.body.size());
    chunk.numbers.push_back(line.number);
    if (type_.empty()) {
        chunk.body += line.text;
    } else {
        chunk.body += "{\"type\":" + to_json_string(type_) + ",\"payload\":";
        chunk.body.append(line.text).push_back('}');
    }
    chunk.body += '\n';
}

}  // namespace headwater::cli
