#ifndef VIADUCT_HTTP_AUTHORITY_HPP
#define VIADUCT_HTTP_AUTHORITY_HPP

#include <viaduct/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct {

/// What kind of host an `authority` names.
enum class host_kind : unsigned char
{
    name, ///< A DNS name.
    ipv4, ///< A dotted-decimal IPv4 address.
    ipv6  ///< An IPv6 address.
};

/// The target of a tunnel: a host and a port, checked and in canonical form.
/**
 * The only way to get one is through a check, so whoever holds an `authority` may write it into a head, look
 * it up or compare it without another thought:
 *
 *   - a name is lower-case, 1 to 253 octets of letters, digits, `-`, `_` and `.`, labels of 1 to 63 octets,
 * without the final dot that marks an absolute name (so that `HOST.` cannot slip past a rule about `host`);
 *   - an IPv4 address has its four decimal parts; every other spelling that some resolver would read as an
 * address
 *     (`127.1`, `0x7f.0.0.1`, `2130706433`) is refused;
 *   - an IPv6 address has the form of RFC 5952, without brackets and without zone;
 *   - the port is 1 to 65535.
 *
 * A value type. Distinct objects: safe. Shared objects: unsafe.
 */
class authority
{
public:
    /// Makes one from its parts; `host` may have the brackets of an IPv6 address or not.
    /**
     * @param host A DNS name or an address; the characters are copied.
     * @param port 1 to 65535.
     * @throws system_error with one of the `target_*`, `host_*` and `port_*` values of `errc`.
     */
    authority(std::string_view host, std::uint16_t port);

    /// The canonical host, without brackets.
    [[nodiscard]] std::string const& host() const noexcept { return host_; }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] host_kind kind() const noexcept { return kind_; }

    [[nodiscard]] bool is_address() const noexcept { return kind_ != host_kind::name; }

    /// `host:port` as it stands in a request line and in Host; an IPv6 address is in brackets.
    [[nodiscard]] std::string text() const;

    friend bool operator==(authority const&, authority const&) = default;

private:
    friend authority parse_authority(std::string_view, error_code&);

    authority() = default;

    std::string host_;
    std::uint16_t port_ = 0;
    host_kind kind_ = host_kind::name;
};

/// Reads the authority-form of a request target, `host ":" port` (RFC 9110 section 9.3.6, RFC 9112
/// section 3.2.3).
/**
 * @param text Untrusted octets; not kept.
 * @param ec Set to success, or to the one value of `errc` that names what is wrong: any of `target_*`,
 * `port_*`, `host_*`.
 * @return The authority; on an error an empty one, which is good for nothing but assignment.
 */
[[nodiscard]] VIADUCT_DECL authority parse_authority(std::string_view text, error_code& ec);

/// The same, with the error as an exception.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL authority parse_authority(std::string_view text);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/authority.ipp>
#endif

#endif
