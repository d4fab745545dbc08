#ifndef VIADUCT_CLIENT_DIALER_HPP
#define VIADUCT_CLIENT_DIALER_HPP

#include <viaduct/client/connect_error.hpp>
#include <viaduct/client/dial_report.hpp>
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/client/tunnel.hpp>
#include <viaduct/condition.hpp>
#include <viaduct/detail/any_handler.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/dial_wishes.hpp>
#include <viaduct/detail/dialer_state.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/net/outgoing_socket.hpp>

#include <memory>
#include <utility>

namespace viaduct {

namespace detail {

using dial_handler = any_handler<void(error_code, tunnel)>;

VIADUCT_DECL void start_dial(std::shared_ptr<dialer_state> dialer, net::any_io_executor const& executor,
                             authority const& target, dial_wishes wishes, dial_handler handler);

/// A dial whose socket goes into the user's.
class dial_into_op : public one_step_at_a_time
{
public:
    struct on_dialled
    {};

    dial_into_op(std::shared_ptr<dialer_state> dialer, net::ip::tcp::socket* socket, authority target)
        : dialer_{std::move(dialer)},
          socket_{socket},
          target_{std::move(target)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        error_code ignored;
        socket_->close(ignored);
        net::any_io_executor const executor = socket_->get_executor();
        start_dial(std::move(dialer_), executor, target_, {.plain_only = true},
                   dial_handler{self.then(on_dialled{}), executor});
    }

    template <class Self>
    void operator()(Self& self, on_dialled, error_code ec, tunnel dialled)
    {
        if (!ec) *socket_ = dialled.release(ec);
        self.complete(ec, std::move(dialled).report());
    }

private:
    std::shared_ptr<dialer_state> dialer_;
    net::ip::tcp::socket* socket_;
    authority target_;
};

} // namespace detail

/// Opens tunnels to targets from nothing: looks up, connects, TLS to the proxy, asks, answers challenges, and
/// tries the next way where one fails.
/**
 * What one dial learns serves the next ones: which scheme a proxy accepts, its nonces, and which proxies
 * cannot be reached. So keep a dialer for as long as there is something to dial. Copies share all of it.
 *
 * @code
 * viaduct::dialer dialer{executor, {.proxies = viaduct::proxies_from_environment()}};
 * dialer.async_dial({"api.example", 443}, [](viaduct::error_code ec, viaduct::tunnel tunnel) {
 *     if (ec) return report(viaduct::connect_failure{ec, tunnel.report()}.message());
 *     ...
 * });
 * @endcode
 *
 * Only what keeps a proxy from being asked leads to the next way: its name, its TCP connection, its TLS. What
 * it answers is final (RFC 9110 has no "try elsewhere", and a second proxy must not undo the first one's no).
 * The direct way is taken only where it is listed.
 *
 * Distinct objects: safe. Shared objects: safe for dialling, if each executor is one thread or one strand.
 */
class dialer
{
public:
    using executor_type = net::any_io_executor;

    /// @param executor Where tunnels live and dials run.
    /// @param options Copied.
    explicit dialer(executor_type executor, dialer_options options = {})
        : executor_{std::move(executor)},
          state_{std::make_shared<detail::dialer_state>(std::move(options))}
    {}

    /// The same dialer elsewhere: it shares all that this one learns.
    [[nodiscard]] dialer on(executor_type executor) const
    {
        auto other = *this;
        other.executor_ = std::move(executor);
        return other;
    }

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
    [[nodiscard]] dialer_options const& options() const noexcept { return state_->options(); }

    /// Dials a target.
    /**
     * The dialer may be destroyed meanwhile.
     *
     * @param target Where the tunnel shall lead; the last proxy looks its name up.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,   // of a look-up: the name service's, or errc::resolve_timeout;
     *                    // of a connection: the system's, or errc::connect_timeout;
     *                    // of TLS: errc::tls_unavailable, tls_handshake_failed, tls_verification_failed,
     *                    // tls_timeout, tls_option_invalid;
     *                    // of CONNECT: what connect_conversation reports, errc::handshake_timeout,
     *                    // authentication_timeout; of SOCKS: errc::socks_*, credentials_invalid;
     *                    // errc::no_proxy_left; errc::dial_timeout when the time for all was over;
     *                    // operation_aborted. Where several ways failed, of the last one
     *   tunnel result    // open if there is no error; its report is there in any case
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: everything under way is ended, and nothing is left open.
     */
    template <class CompletionToken>
    auto async_dial(authority const& target, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(error_code, tunnel)>(
            [state = state_, executor = executor_](auto handler, authority const& to) {
                detail::start_dial(state, executor, to, {},
                                   detail::dial_handler{std::move(handler), executor});
            },
            token, target);
    }

    /// The same by ways that are given for this dial, in place of those of the options.
    /**
     * They are tried in their order, whatever is known of their proxies: who chooses them anew each time, as
     * a `parent_table` does, knows better. `dial_report::way` is the place in `ways` of the one tried last.
     *
     * @param ways None ends the dial with `errc::no_proxy_left`.
     * @param proxy_fields Sent besides `connect_options::proxy_fields`, to every proxy, under the same rules.
     * @param from What its connections leave with; if nothing is set in it, `dialer_options::from`.
     */
    template <class CompletionToken>
    auto async_dial(proxy_list ways, fields proxy_fields, outgoing_socket const& from,
                    authority const& target, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(error_code, tunnel)>(
            [state = state_, executor = executor_](auto handler, authority const& to,
                                                   detail::dial_wishes wishes) {
                detail::start_dial(state, executor, to, std::move(wishes),
                                   detail::dial_handler{std::move(handler), executor});
            },
            token, target, detail::dial_wishes{std::move(ways), std::move(proxy_fields), false, from});
    }

    /// The same with what the options say to leave with.
    template <class CompletionToken>
    auto async_dial(proxy_list ways, fields proxy_fields, authority const& target, CompletionToken&& token)
    {
        return async_dial(std::move(ways), std::move(proxy_fields), outgoing_socket{}, target,
                          std::forward<CompletionToken>(token));
    }

    /// The same without further fields.
    template <class CompletionToken>
    auto async_dial(proxy_list ways, authority const& target, CompletionToken&& token)
    {
        return async_dial(std::move(ways), fields{}, target, std::forward<CompletionToken>(token));
    }

    /// Dials a target with the caller's own socket, which then is connected to it like any other.
    /**
     * Ways that need TLS fail with `errc::tunnel_not_plain`.
     *
     * @param socket Closed, and opened anew; must stay valid until the completion. The dial runs on its
     * executor. Closed after an error.
     *
     * @par Completion Signature
     * @code void(error_code ec, dial_report report) @endcode
     * with the errors of the other form.
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: everything under way is ended, and the socket is closed.
     */
    template <class CompletionToken>
    auto async_dial(net::ip::tcp::socket& socket, authority const& target, CompletionToken&& token)
    {
        return detail::async_stable<detail::dial_into_op, void(error_code, dial_report)>(
            std::forward<CompletionToken>(token), state_, &socket, target);
    }

private:
    executor_type executor_;
    std::shared_ptr<detail::dialer_state> state_;
};

/// Dials a target and waits for the end, with all clocks: for tools and tests.
/** @param context Run until the dial is over, with whatever else it has to do; no other thread may run it.
 * The tunnel belongs to it.
 * @param ec As in the completion of `dialer::async_dial`. */
[[nodiscard]] VIADUCT_DECL tunnel dial(net::io_context& context, authority const& target,
                                       dialer_options const& options, error_code& ec);

/// The same with the failure as an exception.
/** @throws connect_error */
[[nodiscard]] VIADUCT_DECL tunnel dial(net::io_context& context, authority const& target,
                                       dialer_options const& options = {});

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/dialer.ipp>
#endif

#endif
