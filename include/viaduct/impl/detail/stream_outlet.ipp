#ifndef VIADUCT_IMPL_DETAIL_STREAM_OUTLET_IPP
#define VIADUCT_IMPL_DETAIL_STREAM_OUTLET_IPP

#include <viaduct/detail/stream_outlet.hpp>
#include <viaduct/detail/system_code.hpp>

#include <cerrno>
#include <exception>
#include <utility>

namespace viaduct::detail {

VIADUCT_DECL stream_outlet::stream_outlet(settings options, std::string where, stream_opener& opener)
    : options_{std::move(options)},
      health_{std::move(where), options_.failure},
      opener_{opener}
{}

VIADUCT_DECL void stream_outlet::disconnect() noexcept
{
    socket_.close();
    sent_ = 0;
    stalled_ = false;
}

/// Nothing is lost by it yet: whoever wants to die of it dies when something is, and slowness alone is no
/// news.
VIADUCT_DECL void stream_outlet::on_trouble(error_code why) noexcept
{
    trouble_ = why;
    if (!stalled_ && options_.failure.on_error == on_log_error::drop) health_.on_failed(why);
}

VIADUCT_DECL error_code stream_outlet::open(clock::time_point now) noexcept
{
    if (socket_.is_open() && socket_.has_ended()) {
        disconnect();
        trouble_ = system_code_of(ECONNRESET);
    }
    if (socket_.is_open()) return {};
    if (now < open_again_at_) return trouble_;
    error_code ec;
    try {
        ec = opener_.open(socket_, later(now, options_.timeout));
    } catch (std::exception const&) {
        ec = system_code_of(ENOMEM);
    }
    open_again_at_ = next_attempt(now, options_.pause);
    return ec;
}

VIADUCT_DECL error_code stream_outlet::open() noexcept
{
    auto const ec = open(clock::now());
    if (ec) on_trouble(ec);
    return ec;
}

VIADUCT_DECL void stream_outlet::put(std::string_view message, std::uint32_t lines) noexcept
{
    if (octets_.size() + message.size() > options_.most && !octets_.empty()) send();
    auto ec = trouble_;
    try {
        if (octets_.size() + message.size() <= options_.most) {
            octets_.reserve(octets_.size() + message.size()); // so that only one of the two below can fail
            messages_.push_back({static_cast<std::uint32_t>(message.size()), lines});
            octets_.append(message);
            return;
        }
        if (!ec) ec = system_code_of(EMSGSIZE);
    } catch (std::exception const&) {
        ec = system_code_of(ENOMEM);
    }
    if (lines != 0) health_.on_lost(ec, lines);
}

/// Messages that are with the system as a whole are none of ours any more.
VIADUCT_DECL void stream_outlet::forget_sent() noexcept
{
    std::size_t whole = 0;
    while (!messages_.empty() && sent_ - whole >= messages_.front().size) {
        whole += messages_.front().size;
        messages_.pop_front();
    }
    octets_.erase(0, whole);
    sent_ -= whole;
}

VIADUCT_DECL error_code stream_outlet::send_kept(clock::time_point now) noexcept
{
    if (auto const ec = open(now)) return ec;
    if (octets_.empty()) return {};
    std::size_t sent = 0;
    auto const until = stalled_ ? now : later(now, options_.timeout);
    auto const ec = socket_.send(std::string_view{octets_}.substr(sent_), until, sent);
    sent_ += sent;
    forget_sent();
    stalled_ = is_system_error(ec, ETIMEDOUT) && socket_.is_open();
    if (ec && !stalled_) disconnect();
    return ec;
}

VIADUCT_DECL void stream_outlet::send() noexcept
{
    if (octets_.empty()) return;
    auto const now = clock::now();
    auto ec = send_kept(now);
    if (ec && !stalled_ && now >= open_again_at_) ec = send_kept(now); // it ended just now: once more
    if (ec) return on_trouble(ec);
    trouble_ = {};
    health_.on_written();
}

VIADUCT_DECL void stream_outlet::reopen() noexcept
{
    send();
    socket_.end_sending();
    disconnect();
    open_again_at_ = {};
}

VIADUCT_DECL void stream_outlet::finish() noexcept
{
    open_again_at_ = {};
    stalled_ = false;
    send();
    std::uint64_t left = 0;
    for (auto const& each : messages_)
        left += each.lines;
    if (left != 0) health_.on_lost(trouble_, left);
    octets_.clear();
    messages_.clear();
    socket_.end_sending();
}

} // namespace viaduct::detail

#endif
