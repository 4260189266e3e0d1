#include "postgres/event_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "postgres/binary_array.hpp"
#include "postgres/connection.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

// Up to here each type is read over its own index and the results are merged; beyond, the log is read by time
// and filtered.
constexpr std::size_t kMaxTypesApart = 32;
constexpr std::size_t kMaxTypesNamed = 8;
// The parameters $1 to $4 of a look-up by ids.
constexpr std::size_t kIdArrays = 4;
constexpr std::array<std::chrono::days, 2> kPeriods = {std::chrono::days{1}, std::chrono::days{32}};

constexpr std::string_view kColumns =
    "e.id, e.created_at, e.expires_at, e.type_id, e.class, e.payload_base64, e.subject, e.meta, e.payload";

constexpr std::string_view kWatermark =
    "coalesce((select max(w.through) from headwater.ack_watermarks w where w.client_id = {0} and w.type_id "
    "in "
    "(0, e.type_id)), 0)";
constexpr std::string_view kIsProcessed =
    "(e.id <= {1}"
    " or coalesce((select get_bit(b.bits, (e.id & 4095)::integer) from headwater.ack_bitmaps b"
    " where b.client_id = {0} and b.block = e.id >> 12), 0) = 1)";

/// Composes one statement. The number of different texts is small (one per combination of conditions and
/// set of classes, which only grows), so each is prepared.
class Composer {
  public:
    Composer(const EventScope& scope, Connection& connection)
        : scope_(scope), connection_(connection), first_number_(scope.ids.empty() ? 1 : kIdArrays + 1) {
        scans_ = connection.log_partitions().size() * branches();
        if (scans_ > kMaxKeptScans && scope.limit == 1) keep_to_a_period();
        order_ = scope.is_descending ? "created_at desc, id desc" : "created_at, id";
        from_ = bind(to_sql(scope.from), "timestamptz");
        if (scope.through != Timestamp::max()) through_ = bind(to_sql(scope.through), "timestamptz");
        if (scope.after) after_ = bind(to_string(*scope.after), "bigint");
        if (scope.last) last_ = bind(to_string(*scope.last), "bigint");
        if (scope.expired_since) expired_since_ = bind(to_sql(*scope.expired_since), "timestamptz");
        if (scope.subject) subject_ = bind(*scope.subject, "text");
        if (!scope.subjects.empty()) subjects_ = bind(to_sql_array(scope.subjects), "text[]");
        if (!scope.types.ids.empty())
            types_ = bind(fmt::format("{{{}}}", fmt::join(scope.types.ids, ",")), "bigint[]");
        // Not a parameter: a plan that is kept must know which partitions come into question.
        if (scope.classes != 0) classes_ = classes_array(scope.classes);
        if (scope.client) client_ = bind(std::to_string(*scope.client), "bigint");
        if (scope.above_watermarks_of) above_ = bind(std::to_string(*scope.above_watermarks_of), "bigint");
        if (!scope.bits.empty()) {
            bits_ = bind(scope.bits, "bytea");
            bits_from_ = bind(std::to_string(scope.bits_from), "bigint");
        }
        limit_ = bind(std::to_string(scope.limit + 1), "bigint");
    }

    std::string bind(std::string value, std::string_view type) {
        values_.push_back(std::move(value));
        return fmt::format("${}::{}", first_number_ + values_.size() - 1, type);
    }

    /// The rows in order, one more than the limit.
    [[nodiscard]] std::string rows(std::string_view columns) const {
        const std::string events = from_table("headwater.events", columns);
        if (!scope_.with_ephemeral) return events;
        return fmt::format("select * from (({}) union all ({})) both_tables order by {} limit {}", events,
                           from_table("headwater.ephemeral_events", columns), order_, limit_);
    }

    [[nodiscard]] std::string is_processed() const {
        return client_.empty() ? "false"
                               : fmt::format(fmt::runtime(kIsProcessed), client_, watermark(client_));
    }
    [[nodiscard]] const std::string& order() const { return order_; }

    pqxx::result run(const std::string& sql) const {
        const Statement statement{sql, scans_};
        const auto values = pqxx::prepare::make_dynamic_params(values_);
        if (scope_.ids.empty()) return connection_.query(statement, values);
        BinaryArray firsts(Element::int8), lasts(Element::int8);
        BinaryArray since(Element::timestamptz), until(Element::timestamptz);
        for (const IdRange& range : scope_.ids) {
            firsts.add(range.first);
            lasts.add(range.last);
            since.add(range.times.from);
            until.add(range.times.through);
        }
        return connection_.query(statement, firsts.take(), lasts.take(), since.take(), until.take(), values);
    }

  private:
    using Element = BinaryArray::Element;

    [[nodiscard]] bool is_each_type() const {
        return scope_.types.kind == TypeSelection::Kind::none_but && scope_.types.ids.size() > 1 &&
               scope_.types.ids.size() <= kMaxTypesNamed;
    }

    /// So many times the log stands in the statement.
    [[nodiscard]] std::size_t branches() const { return is_each_type() ? scope_.types.ids.size() : 1; }

    /// Where the log has many partitions, the text of a look-up names a period of time, if there is one that
    /// it does not leave: its plan then has few partitions, and can be kept.
    void keep_to_a_period() {
        if (scope_.from == Timestamp::min() || scope_.through == Timestamp::max()) return;
        for (const std::chrono::days length : kPeriods) {
            const auto number =
                std::chrono::floor<std::chrono::days>(scope_.from).time_since_epoch() / length;
            const Timestamp begin{number * length}, end{(number + 1) * length};
            if (scope_.from < begin || scope_.through >= end) continue;
            const std::size_t scans =
                branches() * static_cast<std::size_t>(std::ranges::count_if(
                                 connection_.log_partitions(), [&](const TimeRange& partition) {
                                     return partition.from < end && partition.through > begin;
                                 }));
            if (scans > kMaxKeptScans) return;
            scans_ = std::max<std::size_t>(scans, 1);
            period_ =
                fmt::format(" and e.created_at >= '{}'::timestamptz and e.created_at < '{}'::timestamptz",
                            to_sql(begin), to_sql(end));
            return;
        }
    }

    /// Class 0 is of events that are not stored, in their own table.
    static std::string classes_array(std::uint32_t classes) {
        std::string array = "'{0";
        for (int id = 1; id < 32; ++id) {
            if ((classes >> id & 1) != 0) array += fmt::format(",{}", id);
        }
        return array + "}'::smallint[]";
    }

    [[nodiscard]] static std::string watermark(const std::string& client) {
        return fmt::format(fmt::runtime(kWatermark), client);
    }

    [[nodiscard]] std::string from_table(std::string_view table, std::string_view columns) const {
        if (!scope_.ids.empty()) return by_ids(table, columns);
        const bool is_apart = scope_.types.kind == TypeSelection::Kind::none_but &&
                              scope_.types.ids.size() > 1 && scope_.types.ids.size() <= kMaxTypesApart;
        if (!is_apart) {
            return fmt::format("select {} from {} e where {}{} order by {} limit {}", columns, table,
                               conditions(), type_condition(), ordered("e"), limit_);
        }
        if (is_each_type()) return each_type(table, columns);
        return fmt::format(
            "select p.* from unnest({}) as wanted(type_id) cross join lateral (select {} from {} e where "
            "e.type_id = wanted.type_id and {} order by {} limit {}) p order by {} limit {}",
            types_, columns, table, conditions(), ordered("e"), limit_, ordered("p"), limit_);
    }

    /// A subquery for each type, so that PostgreSQL knows which it is: where a partition holds none of it,
    /// the order by time would be read to its end in vain.
    [[nodiscard]] std::string each_type(std::string_view table, std::string_view columns) const {
        std::string parts;
        for (std::size_t i = 1; i <= scope_.types.ids.size(); ++i) {
            parts += fmt::format(
                "{}(select {} from {} e where e.type_id = ({})[{}] and {} order by {} limit {})",
                i == 1 ? "" : " union all ", columns, table, types_, i, conditions(), ordered("e"), limit_);
        }
        return fmt::format("select p.* from ({}) p order by {} limit {}", parts, ordered("p"), limit_);
    }

    /// Each range is looked for near the time when it was handed out.
    [[nodiscard]] std::string by_ids(std::string_view table, std::string_view columns) const {
        return fmt::format(
            "select p.* from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[]) as "
            "wanted(first, last, since, until) cross join lateral "
            "(select {} from {} e where e.created_at >= wanted.since and e.created_at <= wanted.until and "
            "e.id >= wanted.first and e.id <= wanted.last and {}{} limit wanted.last - wanted.first + 1) p "
            "order by {} limit {}",
            columns, table, conditions(), type_condition(), ordered("p"), limit_);
    }

    [[nodiscard]] std::string ordered(std::string_view alias) const {
        return scope_.is_descending ? fmt::format("{0}.created_at desc, {0}.id desc", alias)
                                    : fmt::format("{0}.created_at, {0}.id", alias);
    }

    [[nodiscard]] std::string conditions() const {
        std::string sql =
            fmt::format("e.expires_at > {} and e.created_at >= {}",
                        expired_since_.empty() ? "statement_timestamp()" : expired_since_, from_);
        if (!through_.empty()) sql += " and e.created_at <= " + through_;
        sql += period_;
        if (!after_.empty()) sql += " and e.id > " + after_;
        if (!last_.empty()) sql += " and e.id <= " + last_;
        if (!classes_.empty()) sql += fmt::format(" and e.class = any ({})", classes_);
        if (!subject_.empty()) sql += " and e.subject = " + subject_;
        if (!subjects_.empty()) sql += fmt::format(" and e.subject = any ({})", subjects_);
        if (!bits_.empty()) sql += fmt::format(" and get_bit({}, e.id - {}) = 0", bits_, bits_from_);
        if (!above_.empty()) sql += " and e.id > " + watermark(above_);
        return sql;
    }

    [[nodiscard]] std::string type_condition() const {
        if (scope_.types.kind == TypeSelection::Kind::all_but) {
            return types_.empty() ? "" : fmt::format(" and e.type_id <> all ({})", types_);
        }
        if (scope_.types.ids.size() == 1) return fmt::format(" and e.type_id = ({})[1]", types_);
        return fmt::format(" and e.type_id = any ({})", types_);
    }

    const EventScope& scope_;
    Connection& connection_;
    std::size_t scans_ = 0;
    std::string period_;              ///< a condition
    const std::size_t first_number_;  ///< of the parameters in values_
    std::vector<std::string> values_;
    std::string order_, from_, through_, after_, last_, expired_since_, subject_, subjects_, types_, classes_,
        client_, above_, bits_, bits_from_, limit_;
};

/// No event has such a subject, and libpqxx would cut it at the NUL.
bool matches_nothing(const EventScope& scope) {
    return scope.types.is_empty() || (scope.subject && scope.subject->find('\0') != std::string::npos);
}

}  // namespace

EventRows read_events(Connection& connection, const EventScope& scope) {
    if (matches_nothing(scope)) return {};
    Composer composer(scope, connection);
    const std::string max_bytes = composer.bind(std::to_string(scope.max_bytes), "bigint");
    const pqxx::result rows = composer.run(fmt::format(
        "select {}, {}, total, (select max(type_id) from headwater.event_types), "
        "(select classes from headwater.registry_generation), statement_timestamp() "
        "from (select *, count(*) "
        "over () as total, "
        "sum(octet_length(payload)) over (order by {} rows unbounded preceding) - octet_length(payload) "
        "as bytes_before from ({}) page) e where bytes_before < {} order by {}",
        kEventColumns, composer.is_processed(), composer.order(), composer.rows(kColumns), max_bytes,
        composer.order()));
    if (rows.empty()) return {};
    const auto total = rows[0][kEventColumnCount + 1].as<std::size_t>();
    return {rows,
            total > scope.limit || rows.size() < total,
            {rows[0][kEventColumnCount + 2].as<std::int64_t>(),
             rows[0][kEventColumnCount + 3].as<std::uint32_t>()},
            parse_sql_time(rows[0][kEventColumnCount + 4].c_str())};
}

std::int64_t count_events(Connection& connection, const EventScope& scope) {
    if (matches_nothing(scope)) return 0;
    const Composer composer(scope, connection);
    const pqxx::result rows =
        composer.run("select count(*) from (" + composer.rows("e.id, e.created_at") + ") counted");
    return std::min(rows[0][0].as<std::int64_t>(), static_cast<std::int64_t>(scope.limit));
}

std::optional<FeedLandmark> first_landmark(Connection& connection, const EventScope& scope) {
    if (matches_nothing(scope)) return std::nullopt;
    const Composer composer(scope, connection);
    const pqxx::result rows = composer.run("select headwater.to_micros(created_at), expires_at from (" +
                                           composer.rows("e.id, e.created_at, e.expires_at") +
                                           ") found order by " + composer.order() + " limit 1");
    if (rows.empty()) return std::nullopt;
    return FeedLandmark{from_micros(rows[0][0].as<std::int64_t>()), parse_sql_time(rows[0][1].c_str())};
}

}  // namespace headwater::postgres
