#ifndef VIADUCT_CLIENT_NO_PROXY_HPP
#define VIADUCT_CLIENT_NO_PROXY_HPP

#include <viaduct/detail/config.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// Whose reading of NO_PROXY holds; no two programs agree on all of it.
enum class no_proxy_dialect : unsigned char
{
    curl, ///< Whatever curl matches, matches; and some forms that curl overlooks.
    go    ///< As golang.org/x/net/http/httpproxy.
};

/// The hosts that are reached without a proxy: the text of NO_PROXY, read once.
/**
 * In both dialects entries are separated by commas, compared without regard to case, and an address or a
 * network
 * (`10.0.0.0/8`, `fd00::/8`) is compared with addresses only: no name is ever resolved.
 *
 *   entry               curl                               go
 *   `*`                 everything                         everything
 *   `example.com`       the name and all below it          the name and all below it
 *   `.example.com`      the name and all below it          all below it
 *   `*.example.com`     all below it                       all below it
 *   `host:port`         the entry, with that port only     the entry, with that port only
 *   `::1`, `[::1]`      the address                        the address; brackets only with a port
 *   `10.0.0.0/0`        all IPv4 addresses                 all IPv4 addresses
 *   a final dot         means nothing, on either side      is part of the name
 *   a blank             separates entries                  is cut off around an entry
 *   (no entry needed)                                      `localhost`, 127.0.0.0/8, ::1
 *
 * An IPv4 address mapped to IPv6 is that IPv4 address as well, on either side: whoever chooses how a host is
 * written does not choose that way whether a proxy hears of it.
 *
 * curl itself knows `*` only as the whole text, neither `*.` nor ports nor brackets, stops reading at a
 * blank without a comma, and does not look into mapped addresses: these forms add matches here, they take
 * none away.
 *
 * Distinct objects: safe. Shared objects: safe, assignment excepted.
 */
class no_proxy_rules
{
public:
    /// Rules that match nothing.
    no_proxy_rules() = default;

    /// Reads the text; entries that make no sense match nothing.
    VIADUCT_DECL explicit no_proxy_rules(std::string_view text,
                                         no_proxy_dialect dialect = no_proxy_dialect::curl);

    /// Whether a host is reached without the proxy.
    /**
     * @param host A name or an address, with or without the brackets of an IPv6 address.
     * @param port The port that would be connected to.
     */
    [[nodiscard]] bool matches(std::string_view host, std::uint16_t port) const
    {
        return explain(host, port).has_value();
    }

    /// The first entry that matches, as it was written; nothing if the proxy is to be used.
    /** Valid as long as the rules. What Go matches without any entry is explained as `localhost` or
     * `loopback`. */
    [[nodiscard]] VIADUCT_DECL std::optional<std::string_view> explain(std::string_view host,
                                                                       std::uint16_t port) const;

    /// The entries that match no host at all, as they were written: so that a program can warn of them.
    /** Such as `10.0.0.0/33`, `host:99999`, `[::1`, `http://host`, `192.168.` or `a*b`: what is no name that
     * an `authority` can have, no address and no network of the dialect. Valid as long as the rules. */
    [[nodiscard]] VIADUCT_DECL std::vector<std::string_view> invalid_entries() const;

private:
    /// An address and how many of its leading bits count.
    struct network
    {
        std::array<unsigned char, 16> octets{};
        unsigned bits = 0;
        unsigned width = 0; // 32 or 128; 0 if this is no network
    };

    struct entry
    {
        std::string text; // as it was written
        std::string name; // lower-case, without the dot before it; empty if the entry names none
        network range{};
        std::uint16_t port = 0; // 0: any
        bool everything = false;
        bool itself = true; // whether the name itself matches, or only what is below it
    };

    struct subject; // a host in the forms that entries are compared with

    [[nodiscard]] static entry read_curl(std::string_view text);
    [[nodiscard]] static entry read_go(std::string_view text);
    [[nodiscard]] static network read_network(std::string_view text, bool strict);
    static void read_name(entry& into, std::string_view name);
    [[nodiscard]] static network unmapped(network const& range);
    [[nodiscard]] static bool contains(network const& range, network const& address);
    [[nodiscard]] static bool covers(entry const& rule, subject const& host, std::uint16_t port);
    [[nodiscard]] bool can_match(entry const& rule) const;
    [[nodiscard]] subject make_subject(std::string_view host) const;

    std::vector<entry> entries_;
    no_proxy_dialect dialect_ = no_proxy_dialect::curl;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/no_proxy.ipp>
#endif

#endif
