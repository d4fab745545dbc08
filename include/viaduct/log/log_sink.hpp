#ifndef VIADUCT_LOG_LOG_SINK_HPP
#define VIADUCT_LOG_LOG_SINK_HPP

#include <viaduct/log/tunnel_record.hpp>

namespace viaduct {

/// Takes the records of finished requests: the interface between the server and any log.
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

protected:
    log_sink() = default;
    log_sink(log_sink const&) = default;
    log_sink& operator=(log_sink const&) = default;
};

} // namespace viaduct

#endif
