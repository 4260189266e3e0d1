#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace headwater::postgres {

/// A user of the system that a child program can run as. Looked up before the fork, because a child of a
/// process with threads may do next to nothing until it has called exec.
struct Account {
    std::string name;  ///< the number in digits when the user has no name
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< all of them, as initgroups(3) would set them
};

/// Nothing when there is no such user.
[[nodiscard]] std::optional<Account> find_account(const std::string& name);

/// The account behind a file's owner, also for a user without a name.
[[nodiscard]] Account account_of(uid_t uid, gid_t gid);

/// True when this process may become another user.
[[nodiscard]] bool is_root();

}  // namespace headwater::postgres
