#ifndef VIADUCT_LOG_RECORD_FORMAT_HPP
#define VIADUCT_LOG_RECORD_FORMAT_HPP

#include <viaduct/log/record_wishes.hpp>
#include <viaduct/log/tunnel_record.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace viaduct {

/// Turns records into lines.
/**
 * One record becomes one line, whatever is in it: text that came from outside is escaped in the format's own
 * way, so that it can neither end the line nor look like another column of it.
 *
 * Distinct objects: safe. Shared objects: safe; a format does not change once it is made.
 */
class record_format
{
public:
    virtual ~record_format() = default;

    /// Appends the line of a record, with its line feed.
    /** Allocates nothing once `line` has had the room of such lines. Throws nothing but `std::bad_alloc`. */
    virtual void append(tunnel_record const& record, std::string& line) const = 0;

    /// Appends a line that tells of records that were lost, in a form that readers of this format pass over.
    /** As it stands: `# 12 records were lost here`. */
    VIADUCT_DECL virtual void append_loss(std::uint64_t lost, std::string& line) const;

    /// What it wants records to hold.
    [[nodiscard]] virtual record_wishes wishes() const noexcept { return {}; }

protected:
    record_format() = default;
    record_format(record_format const&) = default;
    record_format& operator=(record_format const&) = default;
};

using record_format_ptr = std::shared_ptr<record_format const>;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/record_format.ipp>
#endif

#endif
