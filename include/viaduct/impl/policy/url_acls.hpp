#ifndef VIADUCT_IMPL_POLICY_URL_ACLS_HPP
#define VIADUCT_IMPL_POLICY_URL_ACLS_HPP

#include <viaduct/detail/nearest_name.hpp>
#include <viaduct/impl/policy/configured_acl.hpp>
#include <viaduct/impl/policy/regex_acls.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace viaduct::detail::acls {

/// The URL as a whole. That of a CONNECT is `host:port` in its canonical form, as in Squid.
class url_regex_acl final : public regex_acl
{
public:
    using regex_acl::regex_acl;

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& facts = inquiry.facts;
        if (!facts.is_management) return matches_if(matches(facts.target->text()));
        return matches_if(matches("http://" + facts.target->text() + std::string{facts.path}));
    }
};

/// The path of the URL. A CONNECT has none, and even `.*` does not match it, as in Squid.
class urlpath_regex_acl final : public regex_acl
{
public:
    using regex_acl::regex_acl;

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const path = inquiry.facts.path;
        return matches_if(!path.empty() && matches(path));
    }
};

/// The scheme of the URL. That of a CONNECT is `NONE`, as in Squid, wherever the tunnel leads to.
class proto_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done())
            if (!read_scheme(words, words.take())) return false;
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        auto const& more = static_cast<proto_acl&>(other);
        none_ = none_ || more.none_;
        http_ = http_ || more.http_;
        return true;
    }

private:
    static constexpr auto known = std::to_array<std::string_view>(
        {"NONE", "HTTP", "FTP", "HTTPS", "COAP", "COAPS", "GOPHER", "WAIS", "CACHE_OBJECT", "ICP", "HTCP",
         "URN", "WHOIS", "ICY", "TLS", "SSL", "AUTHORITY_FORM"});

    [[nodiscard]] bool read_scheme(word_reader& words, std::string const& text)
    {
        auto const is = [&](std::string_view name) { return characters::iequals(name, text); };
        if (std::none_of(known.begin(), known.end(), is)) {
            nearest_name nearest{text};
            for (auto const name : known)
                nearest.offer(name);
            return words.refuse(in_quotes(text) + " is no scheme that Squid knows",
                                std::string{nearest.found()});
        }
        none_ = none_ || is("NONE");
        http_ = http_ || is("HTTP") || is("CACHE_OBJECT"); // Squid's own pages had a scheme of theirs once
        return true;
    }

    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return matches_if(inquiry.facts.is_management ? http_ : none_);
    }

    bool none_ = false;
    bool http_ = false;
};

/// Whether the proxy itself is asked for a page: `manager`, whatever URLs are said to be those.
class manager_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done())
            static_cast<void>(words.take());
        return true;
    }

    [[nodiscard]] bool take(configured_acl&, word_reader&) override { return true; }

private:
    acl_answer answer(acl_inquiry& inquiry) const override { return matches_if(inquiry.facts.is_management); }
};

} // namespace viaduct::detail::acls

#endif
