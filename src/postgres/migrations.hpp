#pragma once

#include <span>

#include "core/embedded_file.hpp"
#include "postgres/connection_settings.hpp"

namespace headwater::postgres {

/// The files of schema/, in order; the number at the beginning of a name is the schema's version after it.
extern const std::span<const headwater::EmbeddedFile> kMigrations;

/// Brings the schema to this binary's version: under a lock, each file in a transaction of its own; does
/// nothing when it is there already or one version ahead (a rolling upgrade). Throws DatabaseRefused when the
/// schema is further ahead or the server runs with fsync or full_page_writes off, Unavailable when it cannot
/// be reached.
void migrate(const ConnectionSettings& settings, std::span<const EmbeddedFile> files = kMigrations);

}  // namespace headwater::postgres
