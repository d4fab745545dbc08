#ifndef VIADUCT_AUTH_DIGEST_STORE_HPP
#define VIADUCT_AUTH_DIGEST_STORE_HPP

// The algorithms are those of auth/digest.hpp, so this header is not part of viaduct.hpp.

#include <viaduct/auth/digest.hpp>

#include <functional>
#include <string>
#include <utility>

namespace viaduct {

/// Which secret a `digest_verifier` wants to know.
struct digest_question
{
    digest_algorithm algorithm = digest_algorithm::md5;
    std::string user{}; ///< Untrusted.
    std::string realm{};
};

/// What a store says to that.
struct digest_answer
{
    std::string secret{};  ///< See `digest_secret`; empty if there is no such user.
    std::string problem{}; ///< Why the store cannot tell; empty if it can. Without any secret.
};

/// Who knows what stands for the users' passwords in the Digest scheme: a file, a program, a directory.
/** Shared by all connections: every member may be called from several threads at once. */
class digest_store
{
public:
    digest_store() = default;
    digest_store(digest_store const&) = delete;
    digest_store& operator=(digest_store const&) = delete;
    virtual ~digest_store() = default;

    /// Whether the algorithm may be offered: any user may answer with it.
    [[nodiscard]] virtual bool has(digest_algorithm algorithm, std::string const& realm) const = 0;

    /// Looks a secret up. Never blocks.
    /** @param done To be called exactly once, now or later, on any thread. */
    virtual void find(digest_question question, std::function<void(digest_answer)> done) = 0;
};

/// A store that is a function: it returns `digest_secret` of the user's password, or nothing.
class digest_store_function final : public digest_store
{
public:
    using function = std::function<std::string(digest_question const&)>;

    /// @param look_up Not empty; must not block, and may be called from several threads at once.
    explicit digest_store_function(function look_up) : look_up_{std::move(look_up)} {}

    [[nodiscard]] bool has(digest_algorithm, std::string const&) const override { return true; }

    void find(digest_question question, std::function<void(digest_answer)> done) override
    {
        done({look_up_(question), {}});
    }

private:
    function look_up_;
};

} // namespace viaduct

#endif
