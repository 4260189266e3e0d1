#include "rest/ops/ops_server.hpp"

#include <pistache/endpoint.h>

#include <stdexcept>

#include "core/json_text.hpp"
#include "rest/readiness.hpp"

namespace headwater::rest {
namespace {

using Pistache::Http::Code;
using Pistache::Http::Method;

std::string problem(int status, std::string_view title, std::string_view detail) {
    return "{\"type\":\"about:blank\",\"title\":" + to_json_string(title) +
           ",\"status\":" + std::to_string(status) + ",\"detail\":" + to_json_string(detail) +
           ",\"error\":" + to_json_string(detail) + "}";
}

class OpsHandler final : public Pistache::Http::Handler {
  public:
    explicit OpsHandler(std::shared_ptr<const OpsServer::Sources> sources) : sources_(std::move(sources)) {}

    std::shared_ptr<Pistache::Tcp::Handler> clone() const override {
        return std::make_shared<OpsHandler>(sources_);
    }

    void onRequest(const Pistache::Http::Request& request, Pistache::Http::ResponseWriter response) override {
        if (request.method() != Method::Get && request.method() != Method::Head) {
            response.headers().add<Pistache::Http::Header::Allow>(Method::Get);
            return send(response, Code::Method_Not_Allowed, kProblem,
                        problem(405, "Method not allowed", "Use GET."));
        }
        if (request.resource() == "/metrics") return send(response, Code::Ok, kMetrics, sources_->metrics());
        if (request.resource() == "/healthz") return send(response, Code::Ok, kJson, "{\"status\":\"ok\"}");
        if (request.resource() == "/readyz") {
            const Readiness readiness{sources_->complaints()};
            return send(response, readiness.is_ready() ? Code::Ok : Code::Service_Unavailable, kJson,
                        readiness_response(readiness).body);
        }
        send(response, Code::Not_Found, kProblem,
             problem(404, "Not found", "This port serves /metrics, /healthz and /readyz."));
    }

  private:
    static constexpr const char* kJson = "application/json";
    static constexpr const char* kProblem = "application/problem+json";
    static constexpr const char* kMetrics = "text/plain; version=0.0.4; charset=utf-8";

    static void send(Pistache::Http::ResponseWriter& response, Code code, const char* type,
                     const std::string& body) {
        response.headers().addRaw(Pistache::Http::Header::Raw("Content-Type", type));
        response.send(code, body);
    }

    std::shared_ptr<const OpsServer::Sources> sources_;
};

}  // namespace

class OpsServer::Impl {
  public:
    Impl(const Options& options, Sources sources)
        : endpoint_(Pistache::Address(options.host, Pistache::Port(options.port))) {
        endpoint_.init(Pistache::Http::Endpoint::options().threads(1).maxRequestSize(8192).flags(
            Pistache::Tcp::Options::ReuseAddr));
        endpoint_.setHandler(
            std::make_shared<OpsHandler>(std::make_shared<const Sources>(std::move(sources))));
        endpoint_.serveThreaded();
    }
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] std::uint16_t port() const { return endpoint_.getPort(); }
    void stop() {
        if (!is_stopped_) endpoint_.shutdown();
        is_stopped_ = true;
    }

  private:
    Pistache::Http::Endpoint endpoint_;
    bool is_stopped_ = false;
};

OpsServer::OpsServer(const Options& options, Sources sources) {
    try {
        impl_ = std::make_unique<Impl>(options, std::move(sources));
    } catch (const std::exception&) {
        throw std::runtime_error("Cannot listen on " + options.host + ":" + std::to_string(options.port) +
                                 " for operations; is it in use?");
    }
}

OpsServer::~OpsServer() = default;

std::uint16_t OpsServer::port() const {
    return impl_->port();
}

void OpsServer::stop() {
    impl_->stop();
}

}  // namespace headwater::rest
