#ifndef VIADUCT_SERVER_ADDRESS_GUARD_HPP
#define VIADUCT_SERVER_ADDRESS_GUARD_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/server/address_class.hpp>

#include <string_view>
#include <vector>

namespace viaduct {

/// The name of a class, as it appears in messages.
[[nodiscard]] VIADUCT_DECL std::string_view to_string(address_class c) noexcept;

/// Finds the class of an address.
/**
 * An IPv6 address that carries IPv4 addresses (mapped, compatible, translated, NAT64 64:ff9b::/96 and
 * 64:ff9b:1::/96, 6to4, Teredo, ISATAP, or a tunnel that ends at an ISATAP host) has the class of the first
 * one that is not global, unless its own is not: a gateway would unwrap it. NAT64 prefixes of other lengths
 * or with a subnet of 64:ff9b:1::/48 are known to their operators only; they are reserved.
 */
[[nodiscard]] VIADUCT_DECL address_class classify(net::ip::address const& address) noexcept;

/// A block of addresses: an address and the length of its prefix. By default it holds none.
class address_block
{
public:
    /// Reads `ADDRESS/LENGTH`, or an address alone for a block of one.
    /**
     * @param ec `net::error::invalid_argument` if the text is neither, if the length is too large, or if bits
     * beyond it are set (`10.1.2.3/8`), which is more often a slip than a wish. The block is then one that
     * holds no address.
     */
    [[nodiscard]] VIADUCT_DECL static address_block parse(std::string_view text, error_code& ec);

    /// The same, with the error as an exception that tells the text.
    /** @throws system_error */
    [[nodiscard]] VIADUCT_DECL static address_block parse(std::string_view text);

    [[nodiscard]] VIADUCT_DECL bool contains(net::ip::address const& address) const noexcept;

    /// Its first address.
    [[nodiscard]] net::ip::address const& address() const noexcept { return address_; }

    /// Of the prefix, in bits.
    [[nodiscard]] unsigned length() const noexcept { return length_; }

private:
    static constexpr unsigned nothing = 256; // longer than any address

    [[nodiscard]] bool is_canonical() const noexcept;

    net::ip::address address_;
    unsigned length_ = nothing;
};

/// Decides to which addresses a proxy may connect: public ones, and what its operator allows beyond them.
/**
 * Ask it about the very address that will be dialled, after the name has been resolved: a name proves
 * nothing. Where somebody else looks the name up, such as a parent proxy, `allows_name` is what is left.
 * Distinct objects: safe. Shared objects: safe for members that are const.
 */
class address_guard
{
public:
    /// Lets a block through that would be refused. A block of IPv4 addresses also holds their IPv6 disguises.
    void allow(address_block block) { allowed_.push_back(block); }

    /// Tells of a prefix from which a gateway of this network translates to IPv4 (RFC 6052).
    /**
     * An address in it is allowed exactly if the IPv4 address is that it carries, even if it is in a block
     * that was allowed. The well-known prefix need not be told of.
     *
     * @param ec `net::error::invalid_argument` if it is no block of IPv6 with a length of 32, 40, 48, 56, 64
     * or 96; nothing is changed then.
     */
    VIADUCT_DECL void nat64(address_block prefix, error_code& ec);

    /// The same.
    /** @throws system_error With the error above. */
    VIADUCT_DECL void nat64(address_block prefix);

    /// Never lets this endpoint through, whatever is allowed: a proxy that dials its own listener goes round
    /// for ever. An IPv6 address that carries its IPv4 address counts as the same.
    /** A listener on the unspecified address is one on every loopback address too. */
    void protect(net::ip::tcp::endpoint const& own) { own_.push_back(own); }

    /// Lets everything through, but for what is protected.
    void allow_all() noexcept { all_ = true; }

    [[nodiscard]] VIADUCT_DECL bool allows(net::ip::address const& address) const noexcept;

    /// The same for the endpoint that will be dialled.
    [[nodiscard]] VIADUCT_DECL bool allows(net::ip::tcp::endpoint const& endpoint) const noexcept;

    /// What can be said of a host without a look-up; false if it is certain that it means something
    /// prohibited.
    /**
     * - `localhost` and what is below it (RFC 6761), and what systems' hosts files call loopback: refused
     *   unless a loopback address was allowed.
     * - `internal`, `local` (RFC 6762), `home.arpa` (RFC 8375) and what is below them: refused unless a block
     *   was allowed that has private, shared or link-local addresses; the metadata services of clouds only by
     *   link-local ones.
     * - An address in text form: as `allows`.
     *
     * Any other name passes: what it means shows when it is looked up.
     *
     * @param host As in `authority::host()`; case and a final dot do not matter.
     */
    [[nodiscard]] VIADUCT_DECL bool allows_name(std::string_view host) const;

    /// Whether a connection that has been made leads back to a protected listener on the unspecified address:
    /// such a listener is on every address of this machine, and only the connection shows which those are.
    [[nodiscard]] VIADUCT_DECL bool leads_back(net::ip::tcp::socket const& connection,
                                               net::ip::tcp::endpoint const& remote) const noexcept;

private:
    [[nodiscard]] bool is_allowed(net::ip::address const& address) const noexcept;
    [[nodiscard]] bool allows_some(address_class kind) const noexcept;
    [[nodiscard]] bool is_translated(net::ip::address_v6 const& address) const noexcept;
    [[nodiscard]] bool is_own(net::ip::address const& address, unsigned short port) const noexcept;
    template <class Predicate>
    [[nodiscard]] bool all_of_carried(net::ip::address_v6 const& address, Predicate holds) const;

    std::vector<address_block> allowed_;
    std::vector<address_block> nat64_;
    std::vector<net::ip::tcp::endpoint> own_;
    bool all_ = false;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/address_guard.ipp>
#endif

#endif
