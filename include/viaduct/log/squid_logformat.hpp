#ifndef VIADUCT_LOG_SQUID_LOGFORMAT_HPP
#define VIADUCT_LOG_SQUID_LOGFORMAT_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/detail/squid_piece.hpp>
#include <viaduct/log/format_problem.hpp>
#include <viaduct/log/record_format.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// Lines as Squid's directive `logformat` describes them.
/**
 * The language is that of Squid 5.7, `% [encoding] [-] [[0]width[.width]] [{argument}] code [{argument}]`
 * among text that stands for itself, with all its codes and those that Squid 6 has added (`%byte{10}`,
 * `%request_attempts`, `%busy_time`, `%transport::>connection_id`). What Squid does in silence is done here
 * as well: a code is the longest one that fits, within `"` and `[ ]` of the text values are encoded for such
 * a place, and an absent value is a `-` without padding. A code that has no meaning for a tunnel (of ICAP, of
 * adaptation, of a cache) prints what Squid prints for a CONNECT.
 *
 * It differs where Squid's own line could be forged, or is in error:
 *
 *   - controls and what is beyond ASCII are always escaped: as `%XX`, or as `\xXX` in quotes;
 *   - a text that Squid prints as it is (`%un`, `%ru`) has its blanks and `"` as `%XX`, unless `'` asks for
 *     just that; only a text up to 1024 octets, or 8192 of all fields together, gets into a line;
 *   - a maximal width cuts no escape within quotes in two;
 *   - `%credentials` is `***`, and so are credentials in header fields;
 *   - `%<rv` is the version (Squid 5.7 prints whatever was printed before it);
 *   - `%<st` counts an error page that was sent for a failed tunnel, which Squid forgets, and `%Ss` is
 *     `TCP_TUNNEL` for one, as of Squid 6;
 *   - `%tr` of a request that never was complete is the time since its connection was accepted.
 *
 * `%>A` is the client's address: no name is looked up for a log. `%<pt` is how long the target took for its
 * first octet after the client's first, `%master_xaction` the record's id, `%sn` counts the lines of this
 * object, and of a PROXY header there are `:src_addr` and `:src_port`. Like Squid, it marks no tunnel with
 * `_ABORTED` or `_TIMEDOUT`, however that ended.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class squid_logformat final : public record_format
{
public:
    /// Compiles a format.
    /**
     * @param spec What follows the name in `logformat NAME SPEC`.
     * @throws format_problem for an unknown code (with the nearest one that there is), a broken width, an
     * argument without `}`, and a `%byte` or header argument that means nothing; with its column.
     */
    VIADUCT_DECL explicit squid_logformat(std::string_view spec);

    VIADUCT_DECL void append(tunnel_record const& record, std::string& line) const override;

    /// Fields, if a code is about one; addresses, if one is about an address of ours.
    [[nodiscard]] record_wishes wishes() const noexcept override { return wishes_; }

private:
    std::vector<detail::squid_piece> pieces_;
    record_wishes wishes_{};
    mutable std::atomic<std::uint64_t> lines_{0};
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/squid_logformat.ipp>
#endif

#endif
