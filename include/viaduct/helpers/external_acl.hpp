#ifndef VIADUCT_HELPERS_EXTERNAL_ACL_HPP
#define VIADUCT_HELPERS_EXTERNAL_ACL_HPP

#include <viaduct/helpers/external_acl_cache.hpp>
#include <viaduct/helpers/external_acl_format.hpp>
#include <viaduct/helpers/helper_pool.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace viaduct {

/// Of an `external_acl`.
struct external_acl_options
{
    std::string format{}; ///< See `external_acl_format`.
    external_acl_limits limits{};
};

/// Takes what a helper says of a request; see `external_acl::ask`.
using external_acl_completion = std::function<void(error_code, external_answer)>;

namespace detail {
class external_acl_state;
}

/// Asks a helper about requests, and keeps its answers (Squid's `external_acl_type`).
/**
 * Who asks what is being asked already gets the same answer. `OK` matches, `ERR` does not; its `user`, `tag`
 * (or else `log`) and `message` are taken over without control characters. Squid starts at most 5 processes
 * of such a helper: `helper_limits::max_children` is the pool's.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class external_acl
{
public:
    /// @throws std::invalid_argument as `external_acl_format`.
    VIADUCT_DECL external_acl(std::shared_ptr<helper_pool> pool, external_acl_options const& options);

    /// Whether `request_facts::user` must have a value before it can be asked.
    [[nodiscard]] VIADUCT_DECL bool needs_user() const noexcept;

    /// Asks; any number at once, from any thread.
    /**
     * @param facts Read within this call only.
     * @param acl The name of the ACL that refers to it.
     * @param arguments Those of that ACL.
     * @param done Called once, within this function if the answer is known, or else on the pool's executor
     * (never if this object is destroyed before), with
     *   - success and the answer;
     *   - `errc::authentication_required` if the format has `%LOGIN` and there is no user (nobody is asked);
     *   - `errc::authentication_broken` where the helper says `BH`, `errc::helper_reply_malformed` where it
     * says none of its words, and the errors of `helper_pool::submit`. Nothing of this is kept, and the
     * answer with it is no match.
     */
    VIADUCT_DECL void ask(request_facts const& facts, std::string_view acl,
                          std::span<std::string const> arguments, external_acl_completion done);

private:
    std::shared_ptr<detail::external_acl_state> state_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/external_acl.ipp>
#endif

#endif
