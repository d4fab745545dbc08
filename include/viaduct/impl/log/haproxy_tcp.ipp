#ifndef VIADUCT_IMPL_LOG_HAPROXY_TCP_IPP
#define VIADUCT_IMPL_LOG_HAPROXY_TCP_IPP

#include <viaduct/impl/log/calendar.hpp>
#include <viaduct/log/escape.hpp>
#include <viaduct/log/haproxy_tcp.hpp>
#include <viaduct/log/termination_state.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace viaduct {
namespace detail {

class haproxy_tcp_format final : public record_format
{
public:
    explicit haproxy_tcp_format(haproxy_names names) : names_{std::move(names)} {}

    void append(tunnel_record const& record, std::string& line) const override
    {
        escape::column(line, record.client);
        line += ':';
        append_number(line, record.client_port);
        append_time(line, start_of(record));
        escape::column(line, names_.frontend.empty() ? record.listener : names_.frontend);
        line += ' ';
        escape::column(line, backend_of(record));
        line += '/';
        append_server(line, record);
        append_timers(line, record);
        line.append(" ").append(termination_state(record)) += " 1/1/0/0/";
        append_number(line, record.attempts > 1 ? record.attempts - 1 : 0);
        line += " 0/0\n";
    }

private:
    /// ` [06/Feb/2009:12:12:51.443] `
    static void append_time(std::string& line, log_time moment)
    {
        auto const at = calendar_of(moment, local_offset(moment));
        std::string_view const month = month_names[at.month - 1];
        char text[] = " [00/Jan/0000:00:00:00.000] ";
        put_digits(text + 2, at.day, 2);
        month.copy(text + 5, month.size());
        put_digits(text + 9, static_cast<unsigned>(at.year), 4);
        put_digits(text + 14, at.hour, 2);
        put_digits(text + 17, at.minute, 2);
        put_digits(text + 20, at.second, 2);
        put_digits(text + 23, at.nanoseconds / 1'000'000, 3);
        line.append(text, sizeof text - 1);
    }

    /// ` Tw/Tc/Tt BYTES`
    static void append_timers(std::string& line, tunnel_record const& record)
    {
        auto const* const more = record.event == record_event::end ? "" : "+";
        line += ' ';
        append_number(line, waited(record.times));
        line += '/';
        append_number(line, connecting(record.times));
        line.append("/").append(more);
        append_number(line, to_ms(record.elapsed));
        line.append(" ").append(more);
        append_number(line, record.bytes_to_client);
    }

    [[nodiscard]] std::string_view backend_of(tunnel_record const& record) const noexcept
    {
        if (!names_.backend.empty()) return names_.backend;
        return record.parent.empty() ? std::string_view{"direct"} : std::string_view{record.parent};
    }

    static void append_server(std::string& line, tunnel_record const& record)
    {
        if (record.attempts == 0 && record.peer.empty())
            line += "<NOSRV>";
        else
            escape::column(line, record.target);
    }

    [[nodiscard]] static std::int64_t to_ms(request_times::duration time) noexcept
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    }

    [[nodiscard]] static std::int64_t waited(request_times const& times) noexcept
    {
        if (times.decided < times.decided.zero()) return -1;
        return to_ms(times.decided - std::max(times.head, times.head.zero()));
    }

    [[nodiscard]] static std::int64_t connecting(request_times const& times) noexcept
    {
        bool const open = times.connected >= times.connected.zero();
        return open ? to_ms(std::max(times.connect, times.connect.zero())) : -1;
    }

    haproxy_names names_;
};

} // namespace detail

VIADUCT_DECL record_format_ptr haproxy_tcp(haproxy_names names)
{
    return std::make_shared<detail::haproxy_tcp_format>(std::move(names));
}

} // namespace viaduct

#endif
