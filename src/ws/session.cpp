#include "ws/session.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "ws/session_shard.hpp"

namespace headwater::ws {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using transport::is_blocked;

/// RFC 5482: a peer that has vanished acknowledges nothing. An event stream has no other ping than its
/// comments.
void set_user_timeout(transport::Socket& socket, std::chrono::milliseconds time) {
    const auto milliseconds = static_cast<unsigned>(time.count());
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

}  // namespace

Session::Session(SessionShard& shard, std::uint64_t id, Arrival& arrival)
    : shard_(shard), connection_(std::move(arrival.connection)), place_(std::move(arrival.place)), id_(id) {}

Session::~Session() = default;

void Session::start(std::string_view head, const LiveRequest& request, std::string_view early) {
    last_event_at_ = progress_at_ = shard_.now();
    error_code ignored;
    connection_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    set_user_timeout(connection_.socket(), shard_.options().write_timeout);
    LiveChunk chunk;
    chunk.append(head);
    send(std::move(chunk));
    if (request.identify) {
        waiting_ = std::make_unique<LiveRequest>(request);
        key_deadline_ = shard_.now() + shard_.options().key_timeout;
    } else {
        admit(request);
    }
    if (!early.empty()) on_input(early);
    begin_reading();
}

void Session::admit(const LiveRequest& request) {
    access_ = request.access;
    needs_no_key_ = request.rooms && request.rooms->has_token;
    subscribe(request);
}

void Session::subscribe(const LiveRequest& request) {
    subscription_ = shard_.live().subscribe(LiveFilter(request), encoder(), *this);
    subscription_->start(request.since);
}

std::expected<void, std::string> Session::show_key(std::string_view credential) {
    const Caller caller = waiting_->identify(credential);
    if (!caller.is_good()) return std::unexpected("This key opens nothing.");
    if (!caller.may(Scope::read)) return std::unexpected("This key does not allow 'read'.");
    const auto request = std::exchange(waiting_, nullptr);
    request->limit = caller.limit(Scope::read);
    request->access = caller.access();
    admit(*request);
    return {};
}

bool Session::is_unwelcome(bool is_server_open) const {
    if (!is_open() || waiting_ || needs_no_key_) return false;
    return access_ ? access_->has_ended.load() : !is_server_open;
}

void Session::turn_away(std::string_view head, Farewell why) {
    last_event_at_ = progress_at_ = shard_.now();
    LiveChunk chunk;
    chunk.append(head);
    send(std::move(chunk));
    end(why);
    if (phase_ != Phase::closed) begin_reading();
}

void Session::begin(const LiveStart& start) {
    has_begun_ = true;
    queue_.begin_at(start.cursor);
    send(start_frame(start));
}

void Session::deliver(const LiveChunkPtr& chunk) {
    if (!is_open() || pending_end_) return;
    const std::size_t bound = shard_.options().live_buffer_bytes;
    // An event that is larger than the buffer reaches whoever has nothing else waiting.
    const auto is_too_much = [&] { return queue_.backlog() > 0 && queue_.backlog() + chunk->size() > bound; };
    if (is_too_much()) write_pending();
    if (is_too_much()) {
        pending_end_ = Farewell::slow_consumer;
        return shard_.mark(*this);
    }
    last_event_at_ = shard_.now();
    begin_push();
    queue_.push(chunk);
}

void Session::deliver_history(const LiveChunkPtr& chunk) {
    if (!is_open() || pending_end_) return;
    last_event_at_ = shard_.now();
    begin_push();
    queue_.push_history(chunk);
}

void Session::history_failed() {
    end_soon(Farewell::unavailable);
}

void Session::end_soon(Farewell why) {
    pending_end_ = why;
    shard_.mark(*this);
}

void Session::send(LiveChunk chunk) {
    if (!is_open() || pending_end_) return;
    if (queue_.backlog() > shard_.options().live_buffer_bytes) {
        pending_end_ = Farewell::slow_consumer;
        return shard_.mark(*this);
    }
    begin_push();
    queue_.push(std::make_shared<const LiveChunk>(std::move(chunk)));
}

void Session::begin_push() {
    if (queue_.empty()) progress_at_ = shard_.now();
    shard_.mark(*this);
}

void Session::send_cursor() {
    if (!has_begun_ || !subscription_) return;
    LiveChunk frame = cursor_frame(subscription_->cursor());
    frame.reach(subscription_->cursor());
    last_event_at_ = shard_.now();
    send(std::move(frame));
}

void Session::write_pending() {
    while (!is_all_written() && !is_broken_) {
        const ChunkQueue::Runs runs = queue_.front();
        error_code error;
        const std::size_t written = connection_.write_some(runs.all(), error);
        if (is_blocked(error)) return wait_until_writable();
        is_broken_ = static_cast<bool>(error);
        if (error) return;
        progress_at_ = shard_.now();
        queue_.consume(written);
    }
}

void Session::wait_until_writable() {
    if (is_waiting_to_write_) return;
    is_waiting_to_write_ = true;
    connection_.async_wait_writable([self = shared_from_this()](const error_code& error) {
        self->is_waiting_to_write_ = false;
        if (!error) self->flush();
    });
}

void Session::flush() {
    if (phase_ == Phase::closed) return;
    if (!is_waiting_to_write_) write_pending();
    if (is_broken_) return leave("client");
    if (pending_end_) return end(*pending_end_);
    if (!is_all_written()) return;
    if (is_open() && subscription_) subscription_->drained();
    if (phase_ == Phase::closing) after_last_word();
}

void Session::end(Farewell why) {
    static constexpr std::array<std::string_view, 5> kReasons{"slow", "restart", "unavailable", "overload",
                                                              "key"};
    if (!is_open()) return;
    write_pending();
    finish(farewell(why, queue_.cursor()), kReasons[static_cast<std::size_t>(why)]);
}

void Session::finish(LiveChunk last, std::string_view reason) {
    if (!is_open()) return;
    write_pending();  // at least the head must be out
    phase_ = Phase::closing;
    pending_end_.reset();
    subscription_.reset();
    shard_.ended(*this, reason);
    queue_.drop_unbegun();
    deadline_ = shard_.now() + shard_.options().close_timeout;
    shard_.schedule(*this, deadline_);
    begin_push();
    if (last.size() > 0) queue_.push(std::make_shared<const LiveChunk>(std::move(last)));
}

void Session::after_last_word() {
    if (!awaits_peer()) return linger();
    phase_ = Phase::parting;
}

void Session::peer_has_closed() {
    if (phase_ == Phase::parting) linger();
}

void Session::linger() {
    phase_ = Phase::lingering;
    connection_.shutdown_send();
    deadline_ = shard_.now() + shard_.options().linger_timeout;
    shard_.schedule(*this, deadline_);
}

void Session::begin_reading() {
    // TLS may hold what came in one record with the request.
    connection_.is_secure() ? read_soon() : wait_for_input();
}

void Session::wait_for_input() {
    connection_.async_wait_readable([self = shared_from_this()](const error_code& error) {
        if (!error) self->read_input();
    });
}

void Session::read_soon() {
    asio::post(connection_.socket().get_executor(), [self = shared_from_this()] {
        if (self->phase_ != Phase::closed) self->read_input();
    });
}

void Session::read_input() {
    auto& buffer = shard_.input_buffer();
    error_code error;
    const std::size_t size = connection_.read_some(buffer, error);
    if (error && !is_blocked(error)) return leave("client");
    if (size > 0 && phase_ != Phase::lingering) on_input({buffer.data(), size});
    if (phase_ == Phase::closed) return;
    if (connection_.is_secure() && !is_blocked(error)) return read_soon();
    wait_for_input();
}

Session::Time Session::on_tick(Time now) {
    if (!is_open()) {
        if (now >= deadline_) leave("timeout");
        return deadline_;
    }
    const LiveOptions& options = shard_.options();
    if (!is_all_written() && now - progress_at_ >= options.write_timeout) {
        leave("stalled");
        return now;
    }
    if (waiting_ && now >= key_deadline_) {
        end(Farewell::unwelcome);
        return deadline_;
    }
    const bool is_quiet = is_all_written();
    const Time beat = on_heartbeat(now);
    // What falls into the same tick goes out in the same write.
    if (is_quiet && now + shard_.tick_length() - last_event_at_ >= options.cursor_interval) send_cursor();
    const Time next = std::min(beat, std::max(last_event_at_ + options.cursor_interval, now));
    return waiting_ ? std::min(next, key_deadline_) : next;
}

void Session::close(std::string_view reason) {
    leave(reason);
}

void Session::leave(std::string_view reason) {
    if (phase_ == Phase::closed) return;
    if (is_open()) shard_.ended(*this, reason);
    phase_ = Phase::closed;
    subscription_.reset();
    queue_.clear();
    connection_.close();
    shard_.drop(*this);
}

}  // namespace headwater::ws
