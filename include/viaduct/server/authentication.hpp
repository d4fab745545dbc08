#ifndef VIADUCT_SERVER_AUTHENTICATION_HPP
#define VIADUCT_SERVER_AUTHENTICATION_HPP

#include <viaduct/auth/authentication_session.hpp>
#include <viaduct/auth/credential_cache.hpp>
#include <viaduct/auth/verifier.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/authenticate_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

/// How clients prove who they are.
struct authentication_options
{
    /// One for each scheme; a 407 offers them in this order, so the best one comes first. None is null.
    std::vector<std::shared_ptr<verifier>> verifiers{};

    /// How long accepted credentials are good without another look, where the verifier allows that (Squid's
    /// `credentialsttl`). A password that was changed or taken away is good for as long: see
    /// `authentication::forget`. Zero looks every time.
    std::chrono::seconds cache_ttl = std::chrono::hours{2};

    /// How many credentials are remembered.
    std::size_t cache_size = 4096;

    /// How long a refusal is held back, so that guessing takes time. Zero answers at once.
    std::chrono::milliseconds failure_delay = std::chrono::seconds{1};

    /// How many refusals are held back at once; those beyond are answered without delay, for each holds a
    /// connection.
    std::size_t max_held = 1024;

    /// How long a verifier may take (Squid gives its helpers 10 s).
    std::chrono::milliseconds timeout = std::chrono::seconds{10};

    /// Hears why a verifier cannot tell, without any secret: for the operator. Called by any thread that
    /// authenticates, and must not throw.
    std::function<void(std::string_view scheme, std::string_view problem)> on_broken{};
};

/// What came of the credentials of one request.
struct authentication_result
{
    std::string user{};   ///< Who it is; empty unless the error code is success.
    std::string scheme{}; ///< In the verifier's spelling; empty if the client offered none that is known.
    std::vector<std::string> challenges{}; ///< The values of the Proxy-Authenticate fields of a 407.

    /// No refusal, although the error code is `authentication_required`: the one challenge is the next leg.
    bool proceeds = false;

    /// The conversation belongs to its connection: the 407 must leave it open.
    bool needs_connection = false;

    /// See `verification::info`; empty if there is none. A proxy's 200 has it as Proxy-Authenticate if it
    /// begins with the scheme and a blank (the last leg of Negotiate), else as Proxy-Authentication-Info.
    std::string info{};
    std::string problem{}; ///< For the operator, after `authentication_broken`. Without any secret.
};

/// Asks the verifiers who a client is: cache, clock, and the delay of refusals.
/**
 * One for all connections; it outlives every operation it has started.
 *
 * Thread safety: all members may be called from several threads at once.
 */
class authentication
{
public:
    VIADUCT_DECL explicit authentication(authentication_options options);
    authentication(authentication const&) = delete;
    authentication& operator=(authentication const&) = delete;

    /// The values of the Proxy-Authenticate fields for a client that has offered nothing, in order.
    /** Empty if no verifier can make one: then nobody can be let in. */
    [[nodiscard]] VIADUCT_DECL std::vector<std::string> offers() const;

    /// Forgets the credentials that were accepted, as after a change of the passwords.
    VIADUCT_DECL void forget();

    /// Finds out who has sent a request.
    /**
     * @param executor Where the operation runs: one thread or one strand.
     * @param fields The request's, of which at most one is Proxy-Authorization. Read within this function.
     * @param method, target The request line's, octet by octet; a scheme may protect them. Copied.
     * @param client The client's address. Copied.
     * @param session The connection's; must outlive the operation, and is used by one at a time.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(error_code ec, authentication_result result) @endcode
     * Success, with the user; `authentication_required` if the client has offered no credentials, or such of
     * a scheme that is not offered, with all challenges, or if the conversation goes on, with one
     * (`proceeds`); `authentication_failed` after a refusal, when the delay is over; `authentication_broken`
     * if the verifier cannot tell or takes too long; `operation_aborted` after a cancellation.
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total, all with the effect of terminal: it ends at once. What the verifier says
     * later counts for nothing.
     */
    template <class CompletionToken>
    auto async_authenticate(net::any_io_executor executor, field_list fields, std::string_view method,
                            std::string_view target, std::string_view client, authentication_session& session,
                            CompletionToken&& token)
    {
        return detail::async_stable<detail::authenticate_op<authentication, authentication_result>,
                                    void(error_code, authentication_result)>(
            std::forward<CompletionToken>(token), std::move(executor), this,
            detail::auth_question::make(fields, method, target, client), &session);
    }

private:
    template <class, class>
    friend class detail::authenticate_op;

    /// What to do with a question: answer it, or ask the verifier.
    struct plan
    {
        std::shared_ptr<verifier> whom{}; // null: the result is there
        error_code error{};
        authentication_result result{};
    };

    [[nodiscard]] plan begin(detail::auth_question& question, authentication_session& session);
    [[nodiscard]] static auth_attempt attempt_of(verifier const& asked, detail::auth_question& question,
                                                 authentication_session const& session);
    [[nodiscard]] error_code judge(verifier& asked, detail::auth_question const& question,
                                   verification&& outcome, authentication_session& session,
                                   authentication_result& result);
    [[nodiscard]] std::vector<std::string> offers_with(verifier const& judged,
                                                       std::string const& challenge) const;
    [[nodiscard]] bool hold();
    void release() { held_.fetch_sub(1, std::memory_order_relaxed); }

    authentication_options options_;
    std::atomic<std::size_t> held_{0};
    std::mutex mutex_;
    credential_cache cache_;       // under the mutex
    std::uint64_t generation_ = 0; // under the mutex: how many times it was forgotten
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/authentication.ipp>
#endif

#endif
