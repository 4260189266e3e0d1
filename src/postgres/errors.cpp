#include "postgres/errors.hpp"

#include <pqxx/pqxx>
#include <string>

#include "core/log.hpp"

namespace headwater::postgres {
namespace {

[[noreturn]] void throw_for(const pqxx::sql_error& error) {
    const std::string state = error.sqlstate();
    if (state == "23514") throw MissingPartition(error.what());
    if (state.starts_with("22") || state.starts_with("23")) throw DataRejected(error.what());
    // Class 42 is a mistake in our own SQL, or a schema that is not the one we know.
    if (state.starts_with("42"))
        log::error("postgres.statement_refused", {{"sqlstate", state}, {"error", error.what()}});
    throw Unavailable(state + ": " + error.what());
}

}  // namespace

void throw_translated() {
    try {
        throw;
    } catch (const pqxx::sql_error& error) {
        throw_for(error);
    } catch (const pqxx::failure& error) {
        throw Unavailable(error.what());
    }
}

}  // namespace headwater::postgres
