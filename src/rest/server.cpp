#include "rest/server.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <stdexcept>

#include "core/byte_budget.hpp"
#include "core/log.hpp"
#include "rest/feed_cache.hpp"
#include "rest/gate.hpp"
#include "rest/log_clock.hpp"
#include "rest/problem.hpp"
#include "rest/registry_refresher.hpp"
#include "rest/remote_address.hpp"
#include "rest/routes.hpp"
#include "rest/session.hpp"
#include "rest/trusted_proxies.hpp"
#include "rest/worker.hpp"

namespace headwater::rest {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

constexpr std::chrono::milliseconds kPauseAfterFailure{100};
constexpr std::chrono::milliseconds kStopTime{1000};
tcp::endpoint resolve(const ServerOptions& options) {
    error_code ec;
    const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
    const auto address = asio::ip::make_address(host, ec);
    if (ec) throw std::runtime_error(fmt::format("'{}' is not an IP address to listen on.", options.host));
    return {address, options.port};
}

}  // namespace

class Server::Impl {
  public:
    Impl(const std::vector<asio::io_context*>& contexts, ServerOptions options, Services& services)
        : options_(std::move(options)),
          services_(services),
          log_clock_(services.log, services.clock),
          registry_refresher_(services.registry, services.readers),
          feed_cache_(options_.feed_cache_bytes),
          held_bytes_(options_.held_bytes),
          gate_(services.keys, services.clock),
          surroundings_{options_,    services_,   log_clock_, registry_refresher_,
                        feed_cache_, held_bytes_, gate_},
          proxies_(options_.trusted_proxies),
          limits_(options_.connections),
          acceptor_(*contexts.at(0)) {
        for (const Route& route : routes()) router_.add(route);
        listen();
        for (asio::io_context* context : contexts) {
            workers_.push_back(
                std::make_shared<Worker>(*context, surroundings_, router_, proxies_, connections_));
        }
    }

    void start() {
        is_started_ = true;
        for (const auto& worker : workers_) worker->post_start();
        asio::co_spawn(acceptor_.get_executor(), accept_all(), asio::detached);
    }

    [[nodiscard]] std::uint16_t port() const { return options_.port; }

    void stop_accepting() {
        asio::post(acceptor_.get_executor(), [this] {
            error_code ec;
            acceptor_.close(ec);
        });
        for (const auto& worker : workers_) worker->post_drain();
    }

    [[nodiscard]] bool wait_until_drained(std::chrono::milliseconds deadline) {
        return connections_.wait_for_none(deadline);
    }

    void stop() {
        if (std::exchange(is_stopped_, true)) return;
        if (!is_started_) return;
        stop_accepting();
        for (const auto& worker : workers_) worker->post_close_all();
        accepting_ended_.get_future().wait_for(kStopTime);
        wait_for_posted_work();
        if (!connections_.wait_for_none(kStopTime))
            log::warn("server.connections_left", {{"count", connections_.value()}});
    }

  private:
    /// Until the acceptor's thread has run all that was posted to it so far: it may touch this object.
    void wait_for_posted_work() {
        auto done = std::make_shared<std::promise<void>>();
        asio::post(acceptor_.get_executor(), [done] { done->set_value(); });
        done->get_future().wait_for(kStopTime);
    }

    void listen() {
        const tcp::endpoint endpoint = resolve(options_);
        error_code ec;
        acceptor_.open(endpoint.protocol(), ec);
        if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
        if (!ec) acceptor_.bind(endpoint, ec);
        if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
        if (ec) {
            throw std::runtime_error(
                fmt::format("Cannot listen on {}:{}: {}.", options_.host, options_.port, ec.message()));
        }
        options_.port = acceptor_.local_endpoint().port();
    }

    Awaitable<void> accept_all() {
        for (std::size_t next = 0; acceptor_.is_open(); ++next) {
            const std::shared_ptr<Worker>& worker = workers_[next % workers_.size()];
            transport::Socket socket(worker->context());
            error_code ec;
            co_await acceptor_.async_accept(socket, asio::redirect_error(kAwait, ec));
            if (!ec) {
                welcome(std::move(socket), worker);
            } else if (acceptor_.is_open()) {
                log::warn("server.accept_failed", {{"reason", ec.message()}});
                asio::steady_timer pause(co_await asio::this_coro::executor, kPauseAfterFailure);
                co_await pause.async_wait(asio::redirect_error(kAwait, ec));
            }
        }
        accepting_ended_.set_value();
    }

    /// On the first worker's thread, like everything that accepts.
    void welcome(transport::Socket socket, const std::shared_ptr<Worker>& worker) {
        error_code ec;
        socket.set_option(tcp::no_delay(true), ec);
        const tcp::endpoint remote = socket.remote_endpoint(ec);
        if (ec) return;
        Peer peer{.is_trusted_proxy = !proxies_.empty() && proxies_.contains(remote.address().to_string())};
        // A proxy's connections carry many clients; who they are is known once a request is there.
        if (!peer.is_trusted_proxy) peer.address = to_remote_address(remote.address());
        ConnectionLimits::Place place = limits_.take(peer.address);
        if (place.is_hopeless()) return;
        auto session = std::make_shared<Session>(transport::Connection(std::move(socket)), worker, peer,
                                                 std::move(place));
        auto run = [session]() -> Awaitable<void> { return session->run(); };
        asio::co_spawn(worker->context().get_executor(), std::move(run),
                       [](const std::exception_ptr& failure) {
                           if (failure) log::error("connection.failed");
                       });
    }

    ServerOptions options_;
    Services services_;
    LogClock log_clock_;
    RegistryRefresher registry_refresher_;
    FeedCache feed_cache_;
    ByteBudget held_bytes_;
    Gate gate_;
    Surroundings surroundings_;
    TrustedProxies proxies_;
    Router router_;
    ConnectionLimits limits_;
    ConnectionCount connections_;
    Acceptor acceptor_;  // the first context's thread, once it runs
    std::vector<std::shared_ptr<Worker>> workers_;
    std::promise<void> accepting_ended_;
    bool is_started_ = false;
    bool is_stopped_ = false;
};

Server::Server(std::vector<asio::io_context*> contexts, ServerOptions options, Services& services)
    : impl_(std::make_unique<Impl>(contexts, std::move(options), services)) {}

Server::~Server() {
    stop();
}

void Server::start() {
    impl_->start();
}

std::uint16_t Server::port() const {
    return impl_->port();
}

void Server::stop_accepting() {
    impl_->stop_accepting();
}

bool Server::wait_until_drained(std::chrono::milliseconds deadline) {
    return impl_->wait_until_drained(deadline);
}

void Server::stop() {
    impl_->stop();
}

}  // namespace headwater::rest
