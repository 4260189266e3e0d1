#include "postgres/type_catalog.hpp"

#include "postgres/connection.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kNewer =
    "select g.classes, t.type_id, t.name from headwater.registry_generation g "
    "left join headwater.event_types t on t.type_id > $1";

std::int64_t newest_of(const TypeCatalog::Names& names) {
    return names.empty() ? 0 : names.rbegin()->first;
}

}  // namespace

bool TypeCatalog::View::covers(const CatalogMark& mark) const {
    return mark.newest_type <= newest_of(names) && (mark.classes & ~classes) == 0;
}

TypeCatalog::ViewPtr TypeCatalog::current(Connection& connection) {
    const ViewPtr known = this->known();
    // Registrations are serialised, so ids appear in order.
    const pqxx::result rows = connection.query(kNewer, newest_of(known->names));
    const auto classes = rows.at(0)[0].as<std::uint32_t>();
    if (known->covers({newest_of(known->names), classes}) && rows[0][1].is_null()) return known;
    auto grown = std::make_shared<View>(*known);
    grown->classes |= classes;
    for (const auto& row : rows) {
        if (!row[1].is_null()) grown->names.emplace(row[1].as<std::int64_t>(), row[2].c_str());
    }
    const std::lock_guard lock(mutex_);
    if (grown->covers({newest_of(view_->names), view_->classes})) view_ = grown;
    return grown;
}

TypeCatalog::ViewPtr TypeCatalog::known() const {
    const std::lock_guard lock(mutex_);
    return view_;
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
