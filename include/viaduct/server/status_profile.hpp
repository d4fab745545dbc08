#ifndef VIADUCT_SERVER_STATUS_PROFILE_HPP
#define VIADUCT_SERVER_STATUS_PROFILE_HPP

namespace viaduct {

/// Whose statuses refusals have: people have scripts for those of the proxy that they had before.
/**
 * Where a profile has no word of its own, it says what `standard` says. Proxy-Status (RFC 9209) is the same
 * in all of them.
 */
enum class status_profile : unsigned char
{
    standard, ///< What RFC 9110 and RFC 9209 say; see `status_of`.

    /// Squid's, with X-Squid-Error in every refusal of our own.
    /**
     * As Squid 5.7 answers a CONNECT: 503 for a target that cannot be reached, whatever the reason; 500 where
     * there is no way at all; 502 for a parent that closes, 504 for one that does not answer; 403 for
     * whoever is over a limit. What a parent answers is told on with its status, 400 to 599, but for
     * its 407. A name without addresses is 503 and ERR_DNS_FAIL, as with all other versions of Squid: 5.7
     * alone makes it 500 and ERR_CANNOT_FORWARD.
     */
    squid,

    g3,   ///< g3proxy's: 530 for a name, 521 for a refused connection, 522 for one that takes too long.
    apify ///< proxy-chain's: 593 for a name, 594 for a refused connection, 590 for a parent's refusal.
};

} // namespace viaduct

#endif
