#ifndef VIADUCT_DETAIL_DIAL_ACCOUNT_HPP
#define VIADUCT_DETAIL_DIAL_ACCOUNT_HPP

#include <viaduct/client/dial_observer.hpp>
#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/socks_name.hpp>
#include <viaduct/detail/span_json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A number of so many hexadecimal digits that nobody else has, and that is not zero.
[[nodiscard]] inline std::string random_id(std::random_device& random, std::size_t digits)
{
    constexpr std::string_view hex = "0123456789abcdef";
    std::string id;
    for (; id.size() < digits; id.resize(std::min(id.size(), digits)))
        for (auto [rest, n] = std::pair{random(), 0}; n < 8; ++n, rest >>= 4U)
            id += hex[rest & 0xfU];
    if (id.find_first_not_of('0') == std::string::npos) id.back() = '1';
    return id;
}

/// The spans of one dial, as it goes on.
class dial_account
{
public:
    using endpoint = net::ip::tcp::endpoint;

    dial_account(dial_moment const& now, authority const* target, std::random_device& random,
                 std::size_t max_children)
        : random_{random},
          max_children_{max_children},
          offset_{std::chrono::system_clock::now().time_since_epoch() -
                  std::chrono::steady_clock::now().time_since_epoch()}
    {
        root_.name = "dial";
        root_.kind = span_kind::client;
        root_.id = random_id(random_, 16);
        root_.began = now.at;
        if (target) add_server(root_, *target);
    }

    void resolving(dial_moment const& now, authority const& whom)
    {
        end_socks(now, {});
        if (whom.is_address()) return;
        if (auto* const made = begin(now, "lookup")) made->attributes.text("dns.question.name", whom.host());
    }

    void resolved(dial_moment const& now, std::vector<endpoint> const& found, error_code ec)
    {
        auto* const lookup = open("lookup");
        if (!lookup) return;
        constexpr std::size_t max_answers = 16;
        std::vector<std::string> answers;
        for (auto const& each : found)
            if (answers.size() < max_answers) answers.push_back(to_text(each.address()));
        if (!answers.empty()) lookup->attributes.texts("dns.answers", answers);
        lookup->end(now.at, ec);
    }

    void connecting(dial_moment const& now, endpoint const& to)
    {
        auto* const made = begin(now, "connect");
        if (!made) return;
        made->peer = to;
        made->attributes.text("network.transport", "tcp");
        made->attributes.text("network.type", to.address().is_v4() ? "ipv4" : "ipv6");
        add_peer(*made, to);
    }

    void connect_failed(dial_moment const& now, endpoint const& to, error_code ec)
    {
        if (auto* const attempt = open("connect", to)) attempt->end(now.at, ec);
    }

    void connected(dial_moment const& now, endpoint const& remote)
    {
        if (auto* const attempt = open("connect", remote)) attempt->end(now.at);
        while (auto* const other = open("connect")) {
            other->attributes.flag("viaduct.given_up");
            other->end(now.at);
        }
    }

    void securing(dial_moment const& now)
    {
        end_socks(now, {});
        begin(now, "TLS");
    }

    void secured(dial_moment const& now, tls_facts const& facts, error_code ec)
    {
        auto* const handshake = open("TLS");
        if (!handshake) return;
        std::string_view version = facts.protocol; // TLSv1.3
        auto& known = handshake->attributes;
        if (version.starts_with("TLSv")) {
            known.text("tls.protocol.name", "tls");
            version.remove_prefix(4);
        }
        known.text("tls.protocol.version", version);
        known.text("tls.cipher", facts.cipher);
        known.text("tls.next_protocol", facts.alpn);
        known.text("tls.server.subject", facts.subject);
        handshake->end(now.at, ec);
    }

    void asking(dial_moment const& now, authority const& for_target)
    {
        end_socks(now, {});
        asked_for_ = for_target;
        resends_ = now.hop == asked_hop_ && now.way == asked_way_ ? resends_ : 0;
        asked_hop_ = now.hop;
        asked_way_ = now.way;
        auto const socks = socks_name(now.proxy);
        if (socks.empty()) return;
        if (auto* const made = begin(now, socks, span_kind::client)) add_server(*made, for_target);
    }

    void authorizing(std::string_view scheme) { scheme_ = scheme; }

    void request(dial_moment const& now)
    {
        auto* const made = begin(now, "CONNECT", span_kind::client);
        if (!made) return;
        made->attributes.text("http.request.method", "CONNECT");
        if (asked_for_) add_server(*made, *asked_for_);
        if (resends_++ != 0) made->attributes.number("http.request.resend_count", resends_ - 1);
        made->attributes.text("viaduct.auth.scheme", std::exchange(scheme_, {}));
    }

    void answer(dial_moment const& now, unsigned status, error_code ec)
    {
        auto* const exchange = open("CONNECT");
        if (!exchange) return;
        if (status != 0) exchange->attributes.number("http.response.status_code", status);
        exchange->end(now.at, ec, status);
    }

    /// It is over: everything that is under way ends as the dial does.
    void end(dial_moment const& now, dial_report const& report, error_code ec)
    {
        end_socks(now, ec);
        for (auto& child : children_)
            if (child.is_open()) child.end(now.at, ec);
        auto& known = root_.attributes;
        if (report.remote.port() != 0) add_peer(root_, report.remote);
        auto const status = report.reply.status;
        if (status != 0) known.number("http.response.status_code", status);
        known.text("viaduct.proxy", now.proxy);
        known.number("viaduct.way", now.way);
        if (dropped_ != 0) known.number("viaduct.spans_dropped", dropped_);
        root_.end(now.at, ec, ec ? status : 0);
    }

    /// The line.
    [[nodiscard]] std::string json(std::string_view trace, std::string_view parent,
                                   std::string_view service) const
    {
        span_attributes resource;
        resource.text("service.name", service);
        std::string text = R"({"resourceSpans":[{"resource":{"attributes":[)" + resource.json();
        text.append(R"(]},"scopeSpans":[{"scope":{"name":"viaduct"},"spans":[)");
        append_span(text, root_, trace, parent, offset_);
        for (auto const& child : children_)
            append_span(text += ',', child, trace, root_.id, offset_);
        return text.append("]}]}]}\n");
    }

private:
    static void add_server(span& to, authority const& server)
    {
        to.attributes.text("server.address", server.host());
        to.attributes.number("server.port", server.port());
    }

    static void add_peer(span& to, endpoint const& peer)
    {
        to.attributes.text("network.peer.address", to_text(peer.address()));
        to.attributes.number("network.peer.port", peer.port());
    }

    /// Begins a child; null if there are too many.
    span* begin(dial_moment const& now, std::string_view name, span_kind kind = span_kind::internal)
    {
        if (children_.size() == max_children_) {
            ++dropped_;
            return nullptr;
        }
        auto& made = children_.emplace_back();
        made.name = name;
        made.kind = kind;
        made.id = random_id(random_, 16);
        made.began = now.at;
        made.attributes.text("viaduct.proxy", now.proxy);
        return &made;
    }

    /// A child that is not over, the newest one; null if there is none.
    [[nodiscard]] span* open(std::string_view name, std::optional<endpoint> const& peer = std::nullopt)
    {
        auto const is_it = [&](span const& s) {
            return s.is_open() && s.name == name && (!peer || s.peer == *peer);
        };
        auto const at = std::find_if(children_.rbegin(), children_.rend(), is_it);
        return at == children_.rend() ? nullptr : &*at;
    }

    /// Nothing tells of a SOCKS proxy's answer but what comes next.
    void end_socks(dial_moment const& now, error_code ec)
    {
        for (auto const* const name : {"SOCKS5", "SOCKS4"})
            if (auto* const asked = open(name)) asked->end(now.at, ec);
    }

    std::random_device& random_;
    std::size_t max_children_;
    std::chrono::nanoseconds offset_; // from the steady clock to the time since 1970
    span root_;
    std::vector<span> children_;
    std::size_t dropped_ = 0;
    std::optional<authority> asked_for_; // by the CONNECT that comes next
    std::size_t asked_hop_ = 0;
    std::size_t asked_way_ = 0;
    std::size_t resends_ = 0; // requests for that so far
    std::string scheme_;      // of the credentials in it
};

} // namespace viaduct::detail

#endif
