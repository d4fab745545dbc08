#ifndef VIADUCT_DETAIL_DIAL_STATE_HPP
#define VIADUCT_DETAIL_DIAL_STATE_HPP

#include <viaduct/client/connect_conversation.hpp>
#include <viaduct/client/dial_report.hpp>
#include <viaduct/client/tunnel.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/dial_plan.hpp>
#include <viaduct/detail/dial_wishes.hpp>
#include <viaduct/detail/dialer_state.hpp>
#include <viaduct/detail/socks_rule.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/connect_listener.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct::detail {

/// One dial: its plan, its connection, and the account of it that is kept and told.
class dial_state final : public connect_listener, public conversation_listener
{
public:
    using step = dial_plan::step;
    using endpoint = net::ip::tcp::endpoint;

    VIADUCT_DECL dial_state(std::shared_ptr<dialer_state> dialer, net::any_io_executor const& executor,
                            authority const& target, dial_wishes wishes);

    [[nodiscard]] dialer_options const& options() const noexcept { return dialer_->options(); }
    [[nodiscard]] dial_plan& plan() noexcept { return plan_; }

    // What the steps work on.
    [[nodiscard]] net::steady_timer& timer() noexcept { return timer_; }
    [[nodiscard]] net::steady_timer& step_timer() noexcept { return step_timer_; }
    [[nodiscard]] std::vector<endpoint>& found() noexcept { return found_; }
    [[nodiscard]] std::vector<endpoint>& found_target() noexcept { return found_target_; }
    [[nodiscard]] net::ip::tcp::socket& socket() noexcept { return socket_; }
    [[nodiscard]] any_stream& stream() noexcept { return stream_; }
    [[nodiscard]] std::string const& header() const noexcept { return header_; }
    [[nodiscard]] connect_conversation& conversation() { return *conversations_[plan_.hop()]; }
    [[nodiscard]] socks_rule& socks() noexcept { return *socks_; }

    [[nodiscard]] outgoing_socket const& from() const noexcept { return from_; }
    [[nodiscard]] resolver& names() const { return dialer_->names(); }

    // The beginning of each step, and its outcome.
    [[nodiscard]] VIADUCT_DECL step begin();
    /// Whether no look-up is needed: an address is in `into` at once.
    [[nodiscard]] VIADUCT_DECL bool start_resolving(authority const& whom, std::vector<endpoint>& into);
    [[nodiscard]] VIADUCT_DECL step on_resolved(error_code ec);
    VIADUCT_DECL void start_connecting();
    [[nodiscard]] VIADUCT_DECL step on_connected(error_code ec, endpoint const& remote);
    [[nodiscard]] VIADUCT_DECL step on_header_sent(error_code ec);
    VIADUCT_DECL void start_securing();
    [[nodiscard]] VIADUCT_DECL step on_secured(error_code ec, any_stream secured, tls_facts facts);
    VIADUCT_DECL void start_conversing();
    [[nodiscard]] VIADUCT_DECL step on_conversed(error_code ec);
    [[nodiscard]] VIADUCT_DECL step on_target_resolved(error_code ec);
    VIADUCT_DECL void start_socks();
    [[nodiscard]] VIADUCT_DECL step on_socks(error_code ec);

    /// Ends everything, and says what the user gets.
    [[nodiscard]] VIADUCT_DECL tunnel finish(error_code ec);

private:
    void on_attempt(endpoint const& to) noexcept override;
    void on_failed(endpoint const& to, error_code ec) noexcept override;
    void on_authorizing(std::string_view scheme) override;
    void on_request(client_handshake const& request) override;
    void on_answer(std::string_view head, connect_reply const& reply, error_code ec) override;

    [[nodiscard]] VIADUCT_DECL static std::uint64_t next_id() noexcept;
    [[nodiscard]] dial_report::duration elapsed() const { return std::chrono::steady_clock::now() - start_; }
    [[nodiscard]] std::string const& hop();

    /// Behind the last proxy it stays that one.
    [[nodiscard]] std::size_t hop_index() const
    {
        return plan_.route().empty() ? 0 : std::min(plan_.hop(), plan_.route().size() - 1);
    }
    [[nodiscard]] dial_moment now()
    {
        return {std::chrono::steady_clock::now(), plan_.way(), hop_index(), hop(), id_};
    }
    [[nodiscard]] dial_observer* observer() const noexcept { return options().observer.get(); }
    [[nodiscard]] step after(step next);
    void note(dial_attempt attempt);
    void blame_proxy(error_code why);
    [[nodiscard]] endpoint source_of(proxy_header const& header) const;
    [[nodiscard]] error_code keep_usable_addresses();
    [[nodiscard]] error_code without_tls(error_code ec);

    std::shared_ptr<dialer_state> dialer_;
    fields const proxy_fields_; // of this dial
    outgoing_socket const from_;
    std::uint64_t const id_ = next_id();
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    dial_plan plan_;
    net::steady_timer timer_;
    net::steady_timer step_timer_;
    net::ip::tcp::socket socket_;        // until it is connected
    any_stream stream_;                  // from then on
    std::vector<endpoint> found_;        // for the first stop
    std::vector<endpoint> found_target_; // for a SOCKS proxy; empty if that gets the name
    std::string header_;
    std::map<std::size_t, std::unique_ptr<connect_conversation>> conversations_; // by hop
    std::optional<socks_rule> socks_;
    proxy_url const* shown_ = nullptr; // the proxy that hop_ is the text of
    std::string hop_;                  // the proxy at hand; empty before the first
    dial_report report_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/dial_account.ipp>
#include <viaduct/impl/detail/dial_state.ipp>
#endif

#endif
