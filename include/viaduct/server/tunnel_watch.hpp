#ifndef VIADUCT_SERVER_TUNNEL_WATCH_HPP
#define VIADUCT_SERVER_TUNNEL_WATCH_HPP

#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/tunnel_facts.hpp>

#include <cstdint>
#include <optional>

namespace viaduct {

namespace detail {
class serve_tunnel_op;
}

/// Looks at a request while it is being served: see `async_serve_tunnel`.
/**
 * Derive from it to hear of the moment at which the tunnel opens. Must live until the completion, and belongs
 * to the thread or strand of the operation; so does every call.
 */
class tunnel_watch
{
public:
    virtual ~tunnel_watch() = default;
    tunnel_watch() = default;
    tunnel_watch(tunnel_watch const&) = delete;
    tunnel_watch& operator=(tunnel_watch const&) = delete;

    /// Whether the tunnel is open.
    [[nodiscard]] bool is_open() const noexcept
    {
        return facts_ != nullptr && facts_->phase == request_phase::tunnel;
    }

    /// `tunnel_record::id`; 0 before the beginning and after the completion.
    [[nodiscard]] std::uint64_t id() const noexcept { return facts_ == nullptr ? 0 : facts_->id; }

    /// What the record would say now; nothing before the beginning and after the completion.
    [[nodiscard]] std::optional<tunnel_record> record(record_event event = record_event::progress) const
    {
        if (facts_ == nullptr) return std::nullopt;
        return facts_->record(event, {});
    }

    /// The tunnel is open: called once, from within the operation, which it may cancel. Must not throw.
    virtual void on_open() {}

private:
    friend class detail::serve_tunnel_op;

    tunnel_facts const* facts_ = nullptr;
};

} // namespace viaduct

#endif
