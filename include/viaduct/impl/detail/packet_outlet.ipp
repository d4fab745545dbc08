#ifndef VIADUCT_IMPL_DETAIL_PACKET_OUTLET_IPP
#define VIADUCT_IMPL_DETAIL_PACKET_OUTLET_IPP

#include <viaduct/detail/packet_outlet.hpp>
#include <viaduct/detail/system_code.hpp>

#include <cerrno>
#include <cstddef>
#include <exception>
#include <utility>

namespace viaduct::detail {

/// Whether the receiver is not there any more, so that it is worth looking whether another one is.
[[nodiscard]] inline bool tells_of_no_receiver(error_code ec) noexcept
{
    for (int const each : {ECONNREFUSED, ECONNRESET, ENOTCONN, EPIPE, EDESTADDRREQ})
        if (is_system_error(ec, each)) return true;
    return false;
}

VIADUCT_DECL packet_outlet::packet_outlet(settings options, std::string where)
    : options_{std::move(options)},
      health_{std::move(where), options_.failure}
{
    auto const now = clock::now();
    if (auto const ec = open(now, later(now, options_.timeout))) health_.on_failed(ec);
}

VIADUCT_DECL void packet_outlet::reopen() noexcept
{
    socket_.close();
    open_again_at_ = {};
}

/// Connects, unless it has failed to just now; on the same machine, that costs nothing.
VIADUCT_DECL error_code packet_outlet::open(clock::time_point now, clock::time_point until) noexcept
{
    if (socket_.is_open() || (unopened_ && now < open_again_at_)) return unopened_;
    try {
        unopened_ = socket_.connect(options_.target, until);
    } catch (std::exception const&) {
        unopened_ = system_code_of(ENOMEM);
    }
    open_again_at_ = is_local() ? now : next_attempt(now, options_.pause);
    return unopened_;
}

VIADUCT_DECL error_code packet_outlet::attempt(std::string_view message, clock::time_point now) noexcept
{
    auto const until = later(now, options_.timeout);
    if (auto const ec = open(now, until)) return ec;
    // Where the last one was not taken in time, only the first one has to wait.
    auto const patient_until = health_.ails() ? now : until;
    if (socket_.is_stream()) return send_stream(message, patient_until);
    std::size_t sent = 0;
    return socket_.send(message, patient_until, sent);
}

VIADUCT_DECL error_code packet_outlet::send_stream(std::string_view message, clock::time_point until) noexcept
{
    if (socket_.has_ended()) return system_code_of(EPIPE);
    std::size_t sent = 0;
    auto ec = socket_.send(message, until, sent);
    bool const begun = sent != 0;
    if (!ec) ec = socket_.send(std::string_view{"", 1}, until, sent);
    if (ec && begun) socket_.close(); // the next one must not continue half of this one
    return ec;
}

/// Over UDP it is the datagram before that was refused, and there is no connection to lose.
VIADUCT_DECL void packet_outlet::on_receiver_gone(error_code why, clock::time_point now) noexcept
{
    if (!is_local()) {
        health_.on_lost(why, std::exchange(lines_before_, 0));
        refused_at_ = now;
    }
    if (is_local() || now >= open_again_at_) socket_.close(); // its name may have another address by now
}

VIADUCT_DECL void packet_outlet::on_sent(std::uint64_t lines, clock::time_point now) noexcept
{
    lines_before_ = lines;
    bool const refused = refused_at_ != clock::time_point{} && now < later(refused_at_, options_.pause);
    if (!refused) health_.on_written();
}

VIADUCT_DECL void packet_outlet::send(std::string_view message, std::uint64_t lines) noexcept
{
    auto const now = clock::now();
    auto ec = attempt(message, now);
    if (tells_of_no_receiver(ec) && socket_.is_open()) {
        on_receiver_gone(ec, now);
        ec = attempt(message, now);
    }
    if (ec)
        health_.on_lost(ec, lines);
    else
        on_sent(lines, now);
}

} // namespace viaduct::detail

#endif
