#ifndef VIADUCT_LOG_LOG_SINK_HPP
#define VIADUCT_LOG_LOG_SINK_HPP

#include <viaduct/log/record_wishes.hpp>
#include <viaduct/log/tunnel_record.hpp>

namespace viaduct {

/// Takes the records of requests: the interface between the server and any log.
/** Shared objects: safe, for an implementation must expect calls from several threads. */
class log_sink
{
public:
    virtual ~log_sink() = default;

    /// Takes one record. Must not block for long, for it is called on the path of other tunnels.
    virtual void write(tunnel_record const& record) noexcept = 0;

    /// Puts everything that was written where it belongs.
    virtual void flush() noexcept {}

    /// Opens files anew, so that a rotated file is let go.
    virtual void reopen() noexcept {}

    /// Begins new files, and keeps as many old ones as the log was told to; where none are kept, `reopen`.
    virtual void rotate() noexcept { reopen(); }

    /// What it wants records to hold; asked once, before the first one. Everything, unless it says otherwise.
    [[nodiscard]] virtual record_wishes wishes() const noexcept { return every_record_wish; }

protected:
    log_sink() = default;
    log_sink(log_sink const&) = default;
    log_sink& operator=(log_sink const&) = default;
};

} // namespace viaduct

#endif
