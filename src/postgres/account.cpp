#include "postgres/account.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

namespace headwater::postgres {
namespace {

constexpr std::size_t kBufferSize = 16 * 1024;

Account to_account(const passwd& entry) {
    Account account{.name = entry.pw_name, .uid = entry.pw_uid, .gid = entry.pw_gid, .groups = {}};
    int count = 64;
    account.groups.resize(64);
    if (getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count) < 0) {
        account.groups.resize(static_cast<std::size_t>(count));
        getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count);
    }
    account.groups.resize(static_cast<std::size_t>(count));
    return account;
}

}  // namespace

std::optional<Account> find_account(const std::string& name) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, kBufferSize> buffer{};
    getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    return found == nullptr ? std::nullopt : std::optional(to_account(entry));
}

Account account_of(uid_t uid, gid_t gid) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, kBufferSize> buffer{};
    getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr) {
        return {.name = std::to_string(uid), .uid = uid, .gid = gid, .groups = {gid}};
    }
    return to_account(entry);
}

bool is_root() {
    return geteuid() == 0;
}

}  // namespace headwater::postgres
