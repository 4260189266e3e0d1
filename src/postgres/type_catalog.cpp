#include "postgres/type_catalog.hpp"

#include "postgres/connection.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kNewer = "select type_id, name from headwater.event_types where type_id > $1";

}  // namespace

std::shared_ptr<const TypeCatalog::Names> TypeCatalog::names(Connection& connection) {
    const std::shared_ptr<const Names> known = this->known();
    // Registrations are serialised, so ids appear in order.
    const std::int64_t newest = known->empty() ? 0 : known->rbegin()->first;
    const pqxx::result rows = connection.query(kNewer, newest);
    if (rows.empty()) return known;
    auto grown = std::make_shared<Names>(*known);
    for (const auto& row : rows) grown->emplace(row[0].as<std::int64_t>(), row[1].c_str());
    const std::lock_guard lock(mutex_);
    if (grown->size() > names_->size()) names_ = grown;
    return grown;
}

std::shared_ptr<const TypeCatalog::Names> TypeCatalog::known() const {
    const std::lock_guard lock(mutex_);
    return names_;
}

TypeSelection select_types(const TypeCatalog::Names& names, const TypeFilter& filter) {
    TypeSelection matching{TypeSelection::Kind::none_but, {}};
    TypeSelection others{TypeSelection::Kind::all_but, {}};
    for (const auto& [id, name] : names) (filter.matches(name) ? matching : others).ids.push_back(id);
    return matching.ids.size() <= others.ids.size() || matching.ids.size() <= 4 ? matching : others;
}

TypeSelection select_type(const TypeCatalog::Names& names, std::string_view type) {
    TypeSelection selection{TypeSelection::Kind::none_but, {}};
    for (const auto& [id, name] : names) {
        if (name == type) selection.ids.push_back(id);
    }
    return selection;
}

}  // namespace headwater::postgres
