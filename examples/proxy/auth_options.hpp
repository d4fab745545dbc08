#ifndef VIADUCT_EXAMPLES_PROXY_AUTH_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_AUTH_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"
#include <viaduct/auth/verifier.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// How clients prove who they are.
class auth_options
{
public:
    void declare(CLI::App& app);
    void apply(proxy_options& to) const;

    /// Whether they can at all.
    [[nodiscard]] bool any() const { return basic_file_ || digest_file_ || !programs_.empty(); }

private:
    /// By how good they are: a 407 offers the best one first.
    enum class scheme : unsigned char
    {
        negotiate,
        digest,
        ntlm,
        basic
    };
    using verifiers = std::map<scheme, std::shared_ptr<viaduct::verifier>>;

    [[nodiscard]] std::shared_ptr<viaduct::verifier> read_basic_file(proxy_options& to) const;
    [[nodiscard]] std::shared_ptr<viaduct::verifier> read_digest_file(proxy_options& to) const;
    void add_program(proxy_options& to, verifiers& all, std::string const& value) const;
    [[nodiscard]] std::shared_ptr<viaduct::verifier>
    ask_program(scheme by, std::shared_ptr<viaduct::helper_pool> pool, std::string const& value) const;
    [[nodiscard]] viaduct::helper_limits read_children() const;

    std::string realm_ = "proxy";
    std::optional<std::string> basic_file_;
    std::optional<std::string> digest_file_;
    std::vector<std::string> programs_;
    std::optional<std::string> children_;
    double ttl_ = 7200;
    double failure_delay_ = 1;
    bool keep_alive_ = false;
};

} // namespace viaduct_proxy

#endif
