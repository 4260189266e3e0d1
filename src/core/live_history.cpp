#include "core/live_history.hpp"

#include <algorithm>
#include <utility>

#include "core/errors.hpp"
#include "core/log.hpp"

namespace headwater {
namespace {

template <class Answer, class Read>
std::optional<Answer> try_read(Read read) {
    try {
        return read();
    } catch (const Unavailable& error) {
        log::warn("live.history_unavailable", {{"reason", error.what()}});
        return std::nullopt;
    }
}

}  // namespace

LiveHistory::LiveHistory(LogReader& reader, Submit submit, const Clock& clock, std::function<Position()> tail,
                         const Options& options)
    : reader_(reader), submit_(std::move(submit)), clock_(clock), tail_(std::move(tail)), options_(options) {}

void LiveHistory::find_start(Position since, OnStart done) {
    enqueue([this, since, done = std::move(done)](bool can_run) mutable {
        done(can_run ? try_read<Start>([&] { return look_up(since); }) : std::nullopt);
    });
}

void LiveHistory::read(LiveFilter filter, Position after, std::optional<Timestamp> at, OnPage done) {
    enqueue([this, filter = std::move(filter), after, at, done = std::move(done)](bool can_run) mutable {
        if (!can_run) return done(std::nullopt);
        if (const auto page = find_shared(filter, after)) return done(rest_of(*page, after));
        done(try_read<Page>([&] {
            auto page = std::make_shared<const Page>(read_page(filter, after, at));
            share(filter, after, page);
            return *page;
        }));
    });
}

void LiveHistory::enqueue(Job job) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(job));
    }
    start_jobs();
}

void LiveHistory::start_jobs() {
    std::unique_lock lock(mutex_);
    while (running_ < options_.parallel_reads && !waiting_.empty()) {
        ++running_;
        auto job = std::make_shared<Job>(std::move(waiting_.front()));
        waiting_.pop_front();
        lock.unlock();
        const bool is_taken = submit_([this, job] {
            (*job)(true);
            finish_job();
        });
        if (!is_taken) (*job)(false);
        lock.lock();
        if (!is_taken) --running_;
    }
}

void LiveHistory::finish_job() {
    {
        const std::lock_guard lock(mutex_);
        --running_;
    }
    start_jobs();
}

LiveHistory::Start LiveHistory::look_up(Position since) {
    if (since > tail_()) {
        const Position head = reader_.head().position;
        if (since > head) return Start{.at = Timestamp{}, .head = head};
    }
    if (const auto at = times_.find(since)) return Start{.at = *at, .head = {}};
    if (const auto event = reader_.find(since)) {
        times_.add(since, (*event)->created_at);
        return Start{.at = (*event)->created_at, .head = {}};
    }
    return Start{.at = reader_.cursor_at(since).at, .head = {}};
}

LiveHistory::Page LiveHistory::read_page(const LiveFilter& filter, Position after,
                                         std::optional<Timestamp> at) {
    const Position seen = tail_();  // before the read, which therefore sees everything up to it
    LogRead what{.after = at ? Cursor{after, *at} : reader_.cursor_at(after),
                 .types = filter.log_types(),
                 .limit = options_.page_events,
                 .max_bytes = options_.page_bytes};
    if (filter.subject()) what.subject = *filter.subject();
    what.subjects = filter.subjects();
    LogPage read = reader_.read(what);
    Page page{.events = {}, .upto = after, .at = at};
    if (!read.events.empty()) {
        page.upto = read.events.back()->id;
        page.at = read.events.back()->created_at;
    }
    if (read.is_last && seen > page.upto) {
        page.upto = seen;
        page.at.reset();
    }
    std::erase_if(read.events, [&](const EventPtr& event) { return !filter.matches(*event); });
    page.events = std::move(read.events);
    return page;
}

std::shared_ptr<const LiveHistory::Page> LiveHistory::find_shared(const LiveFilter& filter, Position after) {
    const std::lock_guard lock(mutex_);
    const auto oldest = clock_.steady_now() - options_.shared_for;
    while (!pages_.empty() && pages_.front().read_at < oldest) pages_.pop_front();
    const auto found = std::ranges::find_if(pages_, [&](const SharedPage& shared) {
        return shared.after <= after && after < shared.page->upto && shared.filter == filter.key();
    });
    return found == pages_.end() ? nullptr : found->page;
}

void LiveHistory::share(const LiveFilter& filter, Position after, std::shared_ptr<const Page> page) {
    const std::lock_guard lock(mutex_);
    pages_.push_back({filter.key(), after, clock_.steady_now(), std::move(page)});
    if (pages_.size() > options_.shared_pages) pages_.pop_front();
}

LiveHistory::Page LiveHistory::rest_of(const Page& page, Position after) const {
    Page rest{.events = {}, .upto = page.upto, .at = page.at};
    const Timestamp now = clock_.now();
    std::ranges::copy_if(page.events, std::back_inserter(rest.events),
                         [&](const EventPtr& event) { return event->id > after && event->expires_at > now; });
    return rest;
}

}  // namespace headwater
