#ifndef VIADUCT_EXAMPLES_PROXY_AUTH_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_AUTH_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"
#include <viaduct/auth/nonce_book.hpp>
#include <viaduct/auth/verifier.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// How clients prove who they are.
class auth_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);
    void assume_squid();
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
    using verifiers = std::vector<std::pair<scheme, std::shared_ptr<viaduct::verifier>>>;

    [[nodiscard]] static std::optional<scheme> find_scheme(std::string_view name);
    [[nodiscard]] static std::string name_of(scheme by);
    void take_parameter(typed line);
    [[nodiscard]] bool set(scheme by, std::string_view key, typed const& value);
    [[nodiscard]] bool set_nonces(std::string_view key, typed const& value);
    [[nodiscard]] typed const& realm_of(scheme by) const;

    [[nodiscard]] std::shared_ptr<viaduct::verifier> read_basic_file(proxy_options& to) const;
    [[nodiscard]] std::shared_ptr<viaduct::verifier> read_digest_file(proxy_options& to) const;
    void add_program(proxy_options& to, verifiers& all, typed const& what) const;
    [[nodiscard]] std::shared_ptr<viaduct::verifier>
    ask_program(scheme by, std::shared_ptr<viaduct::helper_pool> pool, typed const& shown) const;
    [[nodiscard]] viaduct::helper_limits read_children(scheme by) const;

    typed realm_{"proxy", {}, {}, {}};
    std::optional<typed> basic_file_;
    std::optional<typed> digest_file_;
    std::vector<typed> programs_;   // SCHEME PROGRAM [ARG]...
    std::optional<typed> children_; // of every scheme
    setting<double> ttl_{7200, {}, {}, {}};
    setting<double> failure_delay_{1, {}, {}, {}};
    setting<bool> keep_alive_;

    // What squid.conf says of one scheme.
    std::map<scheme, typed> children_of_;
    std::map<scheme, typed> realms_;
    setting<bool> case_sensitive_;
    setting<bool> utf8_{true, {}, {}, {}};
    viaduct::nonce_rules nonces_;
    bool as_written_ = false; // the order in which a 407 offers them
};

} // namespace viaduct_proxy

#endif
