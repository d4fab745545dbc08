#ifndef VIADUCT_DETAIL_ATTEMPT_ACCOUNT_HPP
#define VIADUCT_DETAIL_ATTEMPT_ACCOUNT_HPP

#include <viaduct/net/connect_listener.hpp>
#include <viaduct/server/tunnel_facts.hpp>

#include <exception>

namespace viaduct::detail {

/// Counts the addresses that are tried, and keeps them if somebody wants to know them.
class attempt_account final : public connect_listener
{
public:
    attempt_account(tunnel_facts& facts, bool keeps) noexcept : facts_{&facts}, keeps_{keeps} {}

    void on_attempt(net::ip::tcp::endpoint const& endpoint) noexcept override
    {
        ++facts_->attempts;
        if (!keeps_) return;
        try {
            facts_->rare().tried.push_back(endpoint.address());
        } catch (std::exception const&) { // no memory: the count has it
        }
    }

    void on_failed(net::ip::tcp::endpoint const&, error_code) noexcept override {}

private:
    tunnel_facts* facts_;
    bool keeps_;
};

} // namespace viaduct::detail

#endif
