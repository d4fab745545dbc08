#ifndef VIADUCT_IMPL_POLICY_NAME_ACLS_HPP
#define VIADUCT_IMPL_POLICY_NAME_ACLS_HPP

#include <viaduct/http/authority.hpp>
#include <viaduct/impl/policy/configured_acl.hpp>
#include <viaduct/impl/policy/domain_set.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail::acls {

/// Ports of the target, or of the listener.
template <class PortOf>
class port_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done()) {
            auto const& text = words.take();
            auto const dash = text.find('-');
            auto const first = number(std::string_view{text}.substr(0, dash), 65535);
            auto const last =
                dash == std::string::npos ? first : number(std::string_view{text}.substr(dash + 1), 65535);
            if (!first || !last || *last < *first)
                return words.refuse(in_quotes(text) + " is no port",
                                    "a number from 1 to 65535, or a range such as 1024-65535");
            ranges_.emplace_back(*first, *last);
        }
        return true;
    }

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool list_keys(index_keys& keys) const override
    {
        for (auto const& [first, last] : ranges_)
            keys.add_range(PortOf::kind, {0, first}, {0, last});
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        append(ranges_, static_cast<port_acl&>(other).ranges_);
        return true;
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        unsigned const port = PortOf{}(inquiry.facts);
        return matches_if(std::any_of(ranges_.begin(), ranges_.end(), [&](auto const& range) {
            return range.first <= port && port <= range.second;
        }));
    }

    std::vector<std::pair<unsigned, unsigned>> ranges_;
};

struct target_port
{
    static constexpr auto kind = key_kind::port;

    std::uint16_t operator()(request_facts const& facts) const { return facts.target->port(); }
};

struct listener_port
{
    static constexpr auto kind = key_kind::local_port;

    std::uint16_t operator()(request_facts const& facts) const { return facts.local.port(); }
};

/// Words that a fact is compared with as they stand.
class word_acl : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done())
            insert(words.take());
        return true;
    }

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        values_.merge(static_cast<word_acl&>(other).values_);
        return true;
    }

protected:
    void insert(std::string_view value) { values_.emplace(value); }

    [[nodiscard]] bool has(std::string_view value) const { return values_.find(value) != values_.end(); }

private:
    text_set values_;
};

class myportname_acl final : public word_acl
{
public:
    using word_acl::word_acl;

private:
    acl_answer answer(acl_inquiry& inquiry) const override { return matches_if(has(inquiry.facts.listener)); }
};

class method_acl final : public word_acl
{
public:
    using word_acl::word_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done()) {
            auto const& text = words.take();
            if (!characters::is_token(text))
                return words.refuse(in_quotes(text) + " is no method", "CONNECT");
            // A configuration may write it in any case, as for Squid; a request may not.
            insert(characters::iequals(text, "CONNECT") ? std::string_view{"CONNECT"} : text);
        }
        return true;
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override { return matches_if(has(inquiry.facts.method)); }
};

class dstdomain_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        // Without a look-up in either case, -n changes nothing.
        if (!take_flags(words, "-n", [](std::string_view flag) { return flag == "-n"; })) return false;
        while (!words.done())
            if (!read_value(words, words.take())) return false;
        return true;
    }

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool list_keys(index_keys& keys) const override
    {
        if (names_.size() > index_keys::most) return false;
        names_.list_keys(keys);
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        names_.add(static_cast<dstdomain_acl&>(other).names_);
        return true;
    }

private:
    [[nodiscard]] bool read_value(word_reader& words, std::string const& text)
    {
        if (text.starts_with("*.")) return words.refuse(in_quotes(text) + " has a *", text.substr(1));
        bool const domain = text.starts_with('.');
        std::string host = text.substr(domain ? 1 : 0);
        if (!host.starts_with('[') && host.find(':') != std::string::npos) host = '[' + host + ']';
        error_code ec;
        auto const known = parse_authority(host + ":1", ec);
        if (ec || (domain && known.is_address()))
            return words.refuse(in_quotes(text) + " is no domain",
                                "host.example, or .example for all below it");
        names_.add(known.host(), domain);
        return true;
    }

    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& target = *inquiry.facts.target;
        return matches_if(names_.contains(target.host(), target.is_address()));
    }

    domain_set names_;
};

} // namespace viaduct::detail::acls

#endif
