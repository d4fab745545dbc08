#ifndef VIADUCT_CLIENT_CONNECT_REPLY_HPP
#define VIADUCT_CLIENT_CONNECT_REPLY_HPP

#include <viaduct/http/fields.hpp>
#include <viaduct/http/status.hpp>

#include <string>
#include <vector>

namespace viaduct {

/// One CONNECT request and what came of it.
struct connect_attempt
{
    std::string scheme{}; ///< Of the credentials that it carried; empty without.
    unsigned status = 0;  ///< Of the answer; 0 if none came.
    error_code error{};   ///< None for a 2xx.
};

/// What a proxy answered to a CONNECT: after a success, and after a refusal all that is known about it.
/** All text in it comes from the proxy and is untrusted: escape it before it goes to a terminal or a log. */
struct connect_reply
{
    unsigned status = 0;      ///< 0 if no final answer came.
    int minor_version = 1;    ///< Of the answer: 0 or 1.
    std::string reason{};     ///< May be empty.
    viaduct::fields fields{}; ///< Of the final answer.
    std::string body{}; ///< Of a refusal, at most `connect_options::max_body` octets, without any coding.
    /// All heads as they came, the interim ones first; bounded by the limits on heads. Of one that breaks
    /// off, or is none, the lines that came before that; a start line that is none, too.
    std::string heads{};
    unsigned interim = 0; ///< How many 1xx answers came before it.

    /// Why a challenge was not answered: in the words of a scheme's library, or which schemes were enabled.
    std::string auth_detail{};

    std::vector<connect_attempt> attempts{}; ///< All requests; the last one has the outcome above.

    [[nodiscard]] bool tunnel_open() const noexcept { return is_success(status); }
};

} // namespace viaduct

#endif
