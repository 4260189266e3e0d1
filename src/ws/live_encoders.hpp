#pragma once

#include "core/live_chunk.hpp"

namespace headwater::ws {

/// One unmasked text frame per event.
class WebSocketEncoder final : public LiveEncoder {
  public:
    void encode(const EventPtr& event, LiveChunk& out) const override;
};

/// One SSE message per event: its id (ephemeral events have none), its type if the client asked for names,
/// its JSON as data.
class SseEncoder final : public LiveEncoder {
  public:
    enum class Naming { unnamed, named };
    explicit SseEncoder(Naming naming) : naming_(naming) {}
    void encode(const EventPtr& event, LiveChunk& out) const override;

  private:
    const Naming naming_;
};

/// One SSE message per message in a room: `{"namespace":…,"room":…,"event":…,"data":…}`.
class RoomEncoder final : public LiveEncoder {
  public:
    explicit RoomEncoder(SseEncoder::Naming naming) : naming_(naming) {}
    void encode(const EventPtr& event, LiveChunk& out) const override;

  private:
    const SseEncoder::Naming naming_;
};

/// The data of an SSE message, a `data:` line for each line of the JSON.
void append_data_lines(LiveChunk& out, std::string_view json);

/// The encoders are compared by address: these are the only ones.
[[nodiscard]] const LiveEncoder& websocket_encoder();
[[nodiscard]] const LiveEncoder& sse_encoder(SseEncoder::Naming naming);
[[nodiscard]] const LiveEncoder& room_encoder(SseEncoder::Naming naming);

}  // namespace headwater::ws
