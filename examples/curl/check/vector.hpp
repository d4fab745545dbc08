#ifndef VIADUCT_CURL_CHECK_VECTOR_HPP
#define VIADUCT_CURL_CHECK_VECTOR_HPP

#include <span>
#include <string_view>

namespace viaduct_curl::check {

/// What an answer to a vector means; `judge` knows how to tell.
enum class question : unsigned char
{
    told,            ///< Nothing can be wrong with it: it is there for others.
    control,         ///< What all others are held against.
    target,          ///< A target that has to be refused.
    must_refuse,     ///< A head that has to be refused.
    better_refuse,   ///< A head that may be taken, but need not.
    either,          ///< A head that may well be taken.
    preface,         ///< The first octets of HTTP/2.
    inward,          ///< An address inside.
    inward_spelling, ///< What some resolvers read as one.
    loop,            ///< The proxy itself.
    bad_port,        ///< A port that is no business of tunnels.
    other_port,      ///< A port that seldom is.
    behind_refusal,  ///< Whether what stands behind a refused CONNECT is processed.
    closes_407,      ///< Whether the connection ends behind a 407.
    frames_407,      ///< Whether a client can tell where a 407 ends.
    challenge,       ///< Whether a 407 says how to authenticate.
    clear_password,  ///< Whether passwords are asked for without TLS.
    leaks,           ///< Whether an answer names software and machines.
    tunnel_framing,  ///< Whether a 2xx announces content.
    talk,            ///< Whether the target says something at all.
    passed_early,    ///< Whether octets behind an accepted CONNECT reach the target.
    half_close,      ///< Whether the target's answer comes when the client has ended.
    answered_at_end, ///< Whether a client that has ended gets its answer.
    slow             ///< How long an unfinished head is waited for.
};

/// One thing to try: what is sent, and how to read what comes.
/**
 * The texts are templates: `fill` puts the target and all that depends on it in.
 *
 * Unless `whole` says otherwise, what is sent is a CONNECT for `target` with Host, User-Agent, credentials
 * and `fields`, and then `behind`.
 */
struct probe_vector
{
    std::string_view id;    ///< For programs.
    std::string_view tried; ///< For people.
    question asked = question::told;
    std::string_view target = "{target}"; ///< In the request line.
    std::string_view fields{};            ///< Further lines, each with its end.
    std::string_view behind{};            ///< In the segment of the head, behind it.
    std::string_view whole{};             ///< In place of all of this.
    std::string_view inside{};            ///< Sent once the tunnel is there.
    std::string_view rfc{};               ///< What it says, where this differs from its neighbours.
    std::string_view risk{};              ///< What may come of it, likewise.
    std::string_view look_at{};           ///< The vector whose answer is judged; it takes no connection then.
    bool anonymous = false;               ///< Without credentials.
    bool ends = false;                    ///< The client sends its FIN behind the last octet.
    bool watches = false;                 ///< What comes behind the first answer matters.
    bool trickles = false;                ///< One octet after the other, with pauses.
    bool needs_target = false;
};

/// Vectors that have to do with each other: what RFCs say of them, and the risk.
struct vector_group
{
    std::string_view title;
    std::string_view rfc;
    std::string_view risk;
    std::span<probe_vector const> vectors;
};

/// Everything that is tried.
[[nodiscard]] std::span<vector_group const> all_vectors() noexcept;

} // namespace viaduct_curl::check

#endif
