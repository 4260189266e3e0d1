#pragma once

#include <vector>

#include "core/registry_store.hpp"

namespace headwater::postgres {

class Transaction;

struct StoredStream {
    Stream stream;
    bool is_changed = false;
};

/// Adds the stream or changes the one of its name among `present`. A new one starts where its definition
/// says.
StoredStream store_stream(Transaction& transaction, TypeId owner, const StreamDefinition& definition,
                          const std::vector<Stream>& present);

/// Brings the streams of result.type to what the registration asks for: result.streams are those that it had,
/// and become those that it has. True when anything changed.
bool store_streams(Transaction& transaction, const std::vector<StreamDefinition>& wanted,
                   RegistrationResult& result);

}  // namespace headwater::postgres
