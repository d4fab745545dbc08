#ifndef VIADUCT_SERVER_ADDRESS_CLASS_HPP
#define VIADUCT_SERVER_ADDRESS_CLASS_HPP

namespace viaduct {

/// What kind of destination an address is; everything but `global` is refused unless it is allowed.
enum class address_class : unsigned char
{
    global,        ///< A public unicast address.
    unspecified,   ///< 0.0.0.0/8, ::; "this host", which most systems take for loopback.
    loopback,      ///< 127.0.0.0/8, ::1.
    private_use,   ///< RFC 1918, unique local (fc00::/7), site-local (fec0::/10).
    shared,        ///< 100.64.0.0/10, carrier-grade NAT (RFC 6598).
    link_local,    ///< 169.254.0.0/16 with the clouds' metadata services, fe80::/10.
    multicast,     ///< 224.0.0.0/4, ff00::/8.
    broadcast,     ///< 255.255.255.255.
    documentation, ///< RFC 5737, RFC 3849, RFC 9637.
    benchmarking,  ///< 198.18.0.0/15, 2001:2::/48.
    reserved ///< Anything else that is no global unicast (RFC 6890): 192.0.0.0/24, 240.0.0.0/4, 100::/64, ...
};

} // namespace viaduct

#endif
