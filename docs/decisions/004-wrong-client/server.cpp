// A Pistache server that answers each request from another thread with the request's own path.
// g++ -std=c++17 -O1 server.cpp -o server -lpistache -lpthread && ./server 9081
#include <pistache/endpoint.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

using namespace Pistache;

struct Waiting {
    std::string path;
    Http::ResponseWriter writer;
};

std::mutex mutex;
std::condition_variable changed;
std::deque<Waiting> queue;

class Handler : public Http::Handler {
    HTTP_PROTOTYPE(Handler)
    void onRequest(const Http::Request& request, Http::ResponseWriter writer) override {
        {
            std::lock_guard lock(mutex);
            queue.push_back({request.resource(), std::move(writer)});
        }
        changed.notify_one();
    }
};

void answer() {
    for (;;) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [] { return !queue.empty(); });
        Waiting waiting = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        try {
            waiting.writer.send(Http::Code::Ok, waiting.path);
        } catch (const std::exception&) {  // its client has gone
        }
    }
}

int main(int, char** arguments) {
    std::thread(answer).detach();
    std::thread(answer).detach();
    Http::Endpoint endpoint(Address("127.0.0.1", Port(static_cast<uint16_t>(std::atoi(arguments[1])))));
    endpoint.init(Http::Endpoint::options().threads(2).flags(Tcp::Options::ReuseAddr));
    endpoint.setHandler(std::make_shared<Handler>());
    endpoint.serve();
}
