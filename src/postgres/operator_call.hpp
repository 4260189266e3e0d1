#pragma once

#include <optional>

#include "core/stream.hpp"
#include "postgres/connection.hpp"

namespace headwater::postgres {

/// A change that an operator makes to a stream's deliveries: one transaction, which holds the stream's row
/// from its beginning, so that it and the saves of the stream's owner come one after the other, and which
/// tells all nodes when it commits.
class OperatorCall {
  public:
    OperatorCall(Connection& connection, StreamId stream);

    [[nodiscard]] bool has_stream() const { return order_.has_value(); }
    [[nodiscard]] StreamOrder order() const { return *order_; }    ///< only when has_stream()
    [[nodiscard]] Position position() const { return position_; }  ///< of its stored cursor
    [[nodiscard]] Transaction& transaction() { return transaction_; }
    void commit();

  private:
    Transaction transaction_;
    StreamId stream_;
    std::optional<StreamOrder> order_;
    Position position_{};
};

}  // namespace headwater::postgres
