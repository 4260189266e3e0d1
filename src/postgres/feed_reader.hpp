#pragma once

#include "core/feed.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/landmarks.hpp"
#include "postgres/log_times.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

/// Reads feeds over the readers' pool.
class PostgresFeedReader final : public FeedReader {
  public:
    PostgresFeedReader(ConnectionPool& pool, TypeCatalog& types, LogTimes& times)
        : pool_(pool), types_(types), times_(times) {}

    FeedPage page(const FeedQuery& query) override;
    FeedNeighbours neighbours(const FeedQuery& query, const FeedOutlook& outlook) override;

  private:
    ConnectionPool& pool_;
    TypeCatalog& types_;
    LogTimes& times_;
    OldestEvent oldest_;         ///< of any type
    OldestEvent oldest_public_;  ///< of the types without a reserved prefix
    OlderEvents older_;
};

}  // namespace headwater::postgres
