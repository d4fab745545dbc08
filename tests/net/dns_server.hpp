#ifndef VIADUCT_TESTS_DNS_SERVER_HPP
#define VIADUCT_TESTS_DNS_SERVER_HPP

#include "event_loop.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#if defined(VIADUCT_BOOST_ASIO)
#include <boost/asio/ip/udp.hpp>
#else
#include <asio/ip/udp.hpp>
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fixture {

/// A name server on loopback, which knows what a test tells it, and says nothing about some names.
class dns_server
{
public:
    enum type : std::uint16_t
    {
        a = 1,
        cname = 5,
        aaaa = 28
    };

    struct record
    {
        std::string owner;
        type kind;
        std::uint32_t ttl;
        std::string value; // an address, or a name
    };

    struct reply
    {
        std::uint8_t rcode = 0;
        std::vector<record> records{};
    };

    explicit dns_server(net::any_io_executor const& executor)
        : socket_{executor, {net::ip::address_v4::loopback(), 0}}
    {
        read();
    }

    /// What is said of a name and a type; nothing is said of any other.
    void set(std::string const& name, type kind, reply what) { replies_[{name, kind}] = std::move(what); }

    [[nodiscard]] net::ip::udp::endpoint endpoint() const { return socket_.local_endpoint(); }

    /// How often a name was asked for.
    [[nodiscard]] std::size_t asked(std::string const& name) const
    {
        auto const at = asked_.find(name);
        return at == asked_.end() ? 0 : at->second;
    }
    [[nodiscard]] std::size_t names_asked() const { return asked_.size(); }

private:
    static constexpr std::size_t header_size = 12;

    void read()
    {
        socket_.async_receive_from(net::buffer(octets_), from_,
                                   [this](viaduct::error_code ec, std::size_t n) {
                                       if (ec) return;
                                       answer(std::string(octets_.data(), n));
                                       read();
                                   });
    }

    void answer(std::string const& query)
    {
        std::string name;
        std::size_t at = header_size;
        while (at < query.size() && query[at] != 0) {
            auto const length = static_cast<std::size_t>(query[at]);
            name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
            at += 1 + length;
        }
        if (at + 5 > query.size()) return;
        ++asked_[name];
        auto const kind = static_cast<type>(static_cast<unsigned char>(query[at + 2]));
        auto const known = replies_.find({name, kind});
        if (known == replies_.end()) return;
        auto const& what = known->second;
        auto out = query.substr(0, 2) + '\x81' + static_cast<char>(0x80 | what.rcode);
        out += number(1, 2) + number(what.records.size(), 2) + number(0, 4);
        out += query.substr(header_size, at + 5 - header_size);
        for (auto const& each : what.records)
            out += encode(each);
        viaduct::error_code ignored;
        socket_.send_to(net::buffer(out), from_, 0, ignored);
    }

    [[nodiscard]] static std::string number(std::size_t value, unsigned octets)
    {
        std::string text;
        for (unsigned i = octets; i-- != 0;)
            text += static_cast<char>(value >> 8 * i & 0xff);
        return text;
    }

    [[nodiscard]] static std::string labels(std::string const& name)
    {
        std::string text;
        for (std::size_t at = 0; at < name.size();) {
            auto const dot = std::min(name.find('.', at), name.size());
            text += static_cast<char>(dot - at) + name.substr(at, dot - at);
            at = dot + 1;
        }
        return text + '\0';
    }

    [[nodiscard]] static std::string encode(record const& r)
    {
        auto const data = r.kind == cname ? labels(r.value) : octets_of(net::ip::make_address(r.value));
        return labels(r.owner) + number(r.kind, 2) + number(1, 2) + number(r.ttl, 4) +
               number(data.size(), 2) + data;
    }

    [[nodiscard]] static std::string octets_of(net::ip::address const& address)
    {
        auto const text = [](auto const& octets) { return std::string(octets.begin(), octets.end()); };
        return address.is_v4() ? text(address.to_v4().to_bytes()) : text(address.to_v6().to_bytes());
    }

    net::ip::udp::socket socket_;
    net::ip::udp::endpoint from_;
    std::array<char, 512> octets_{};
    std::map<std::pair<std::string, type>, reply> replies_;
    std::map<std::string, std::size_t> asked_;
};

} // namespace fixture

#endif
