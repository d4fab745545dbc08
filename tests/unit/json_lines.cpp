#include "count_allocations.hpp"
#include <viaduct/log/json_lines.hpp>
#include <viaduct/log/named_formats.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <limits>
#include <map>
#include <ostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::request_outcome;
using viaduct::tunnel_record;
using phase = viaduct::request_phase;
using party = viaduct::tunnel_party;

namespace {

/// A strict reader of one JSON text (RFC 8259), which keeps the members of the outermost object as written.
class json_reader
{
public:
    explicit json_reader(std::string_view text) : rest_{text} { valid_ = value(0) && rest_.empty(); }

    [[nodiscard]] bool valid() const { return valid_; }
    [[nodiscard]] std::map<std::string, std::string> const& members() const { return members_; }

private:
    bool take(char c)
    {
        bool const there = !rest_.empty() && rest_.front() == c;
        if (there) rest_.remove_prefix(1);
        return there;
    }

    bool value(int depth)
    {
        if (rest_.starts_with('{')) return object(depth);
        if (rest_.starts_with('[')) return array(depth);
        if (rest_.starts_with('"')) return string();
        for (std::string_view const word : {"true", "false", "null"})
            if (rest_.starts_with(word)) return rest_.remove_prefix(word.size()), true;
        return number();
    }

    bool object(int depth)
    {
        take('{');
        if (take('}')) return true;
        do {
            auto const before = rest_;
            if (!string()) return false;
            std::string const name{before.substr(1, before.size() - rest_.size() - 2)};
            if (!take(':')) return false;
            auto const begin = rest_;
            if (!value(depth + 1)) return false;
            bool const fresh = members_.emplace(name, begin.substr(0, begin.size() - rest_.size())).second;
            if (depth == 0 && !fresh) return false; // the same name twice
            if (depth > 0) members_.erase(name);
        } while (take(','));
        return take('}');
    }

    bool array(int depth)
    {
        take('[');
        if (take(']')) return true;
        do
            if (!value(depth + 1)) return false;
        while (take(','));
        return take(']');
    }

    bool string()
    {
        if (!take('"')) return false;
        while (!rest_.empty() && rest_.front() != '"') {
            auto const c = static_cast<unsigned char>(rest_.front());
            if (c < 0x20) return false;
            rest_.remove_prefix(1);
            if (c != '\\') continue;
            if (rest_.empty()) return false;
            bool const hex = rest_.front() == 'u';
            if (!hex && std::string_view{"\"\\/bfnrt"}.find(rest_.front()) == std::string_view::npos)
                return false;
            std::size_t const size = hex ? 5 : 1;
            if (rest_.size() < size) return false;
            if (hex && rest_.substr(1, 4).find_first_not_of("0123456789abcdefABCDEF") != rest_.npos)
                return false;
            rest_.remove_prefix(size);
        }
        return take('"');
    }

    bool digits()
    {
        auto const size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        rest_.remove_prefix(size);
        return size > 0;
    }

    bool number()
    {
        take('-');
        bool const zero = rest_.starts_with('0');
        if (zero ? !take('0') : !digits()) return false;
        return !take('.') || digits();
    }

    std::string_view rest_;
    std::map<std::string, std::string> members_;
    bool valid_ = false;
};

tunnel_record small()
{
    tunnel_record record;
    record.ended = std::chrono::system_clock::time_point{1544179082933ms};
    record.elapsed = 92ms;
    record.client = "172.30.230.52";
    record.method = "CONNECT";
    record.target = "en.wikipedia.org:443";
    record.outcome = request_outcome::tunnel;
    record.status = 200;
    record.phase = phase::tunnel;
    record.bytes_to_client = 87599;
    record.bytes_from_client = 702;
    return record;
}

/// Everything that a record can tell.
tunnel_record rich()
{
    auto record = small();
    record.id = 0xabc;
    record.trace = viaduct::trace_context{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
    record.client_port = 44476;
    record.connection = "10.0.0.1";
    record.connection_port = 7;
    record.local = "172.30.109.95";
    record.local_port = 3128;
    record.listener = "main";
    record.tls = {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "proxy.example", "CN=a"};
    record.request_fields.add("User-Agent", "curl/7.88.1");
    record.request_fields.add("Proxy-Authorization", "***");
    record.head_size = 120;
    record.user = "ann";
    record.scheme = "Basic";
    record.rule = "allow staff";
    record.reported = "deny trial";
    record.resolved = {"91.198.174.192", "2620:0:862::1"};
    record.tried = {"91.198.174.192"};
    record.attempts = 1;
    record.peer = "91.198.174.192";
    record.peer_port = 443;
    record.outgoing = "172.30.109.95";
    record.outgoing_port = 50000;
    record.hierarchy = "HIER_DIRECT";
    record.parent = "parent-1";
    record.proxy_error = "connection_terminated";
    record.content_type = "text/plain";
    record.answer_fields.add("Retry-After", "1");
    record.answer_size = record.answer_head = 39;
    record.times = {1ms, 2ms, 5ms, 6ms, 7ms, 8ms, 91ms, 1500us, 1ms};
    record.early_bytes = 517;
    record.ended_by = party::proxy;
    record.error = errc::idle_timeout;
    return record;
}

std::vector<viaduct::record_format_ptr> const formats{viaduct::json_flat(), viaduct::json_ecs(),
                                                      viaduct::json_otlp()};

std::string line_of(viaduct::record_format_ptr const& format, tunnel_record const& record)
{
    std::string line;
    format->append(record, line);
    REQUIRE(line.ends_with('\n'));
    line.pop_back();
    return line;
}

using members = std::map<std::string, std::string>;

void check_members(members const& found, members const& wanted)
{
    for (auto const& one : wanted) {
        INFO(one.first);
        auto const at = found.find(one.first);
        CHECK((at == found.end() ? "nothing" : at->second) == one.second);
    }
}

} // namespace

TEST_CASE("json: short names for jq; what is not set is left out")
{
    CHECK(line_of(formats[0], small()) ==
          R"({"time":"2018-12-07T10:38:02.933Z","event":"end","client":"172.30.230.52","method":"CONNECT",)"
          R"("target":"en.wikipedia.org:443","status":200,"bytes_to_client":87599,"bytes_from_client":702,)"
          R"("http":"1.1","id":"0000000000000000","outcome":"tunnel","phase":"tunnel","state":"--",)"
          R"("elapsed_ms":92.000})");
    CHECK(line_of(formats[0], {}) ==
          R"({"time":"1970-01-01T00:00:00.000Z","event":"end","bytes_to_client":0,"bytes_from_client":0,)"
          R"("id":"0000000000000000","outcome":"unread","phase":"arrival","state":"CR","elapsed_ms":0.000})");
}

TEST_CASE("json: every member of a record that is set")
{
    CHECK(line_of(formats[0], rich()) ==
          R"({"time":"2018-12-07T10:38:02.933Z","event":"end",)"
          R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7",)"
          R"("sampled":true,"client":"172.30.230.52","connection":"10.0.0.1","local":"172.30.109.95",)"
          R"("listener":"main","method":"CONNECT","target":"en.wikipedia.org:443","user":"ann",)"
          R"("scheme":"Basic","rule":"allow staff","reported":"deny trial","peer":"91.198.174.192",)"
          R"("outgoing":"172.30.109.95","hierarchy":"HIER_DIRECT","parent":"parent-1",)"
          R"("proxy_error":"connection_terminated","content_type":"text/plain","client_port":44476,)"
          R"("connection_port":7,"local_port":3128,"peer_port":443,"outgoing_port":50000,)"
          R"("status":200,"attempts":1,"bytes_to_client":87599,"bytes_from_client":702,)"
          R"("head_bytes":120,"answer_bytes":39,"early_bytes":517,"tls":"TLSv1.3",)"
          R"("tls_cipher":"TLS_AES_256_GCM_SHA384","sni":"proxy.example","tls_subject":"CN=a",)"
          R"("http":"1.1","id":"0000000000000abc","outcome":"tunnel","phase":"tunnel",)"
          R"("ended_by":"proxy","error":"idle_timeout","state":"cD","head_ms":1.000,)"
          R"("decided_ms":2.000,"connected_ms":5.000,"answered_ms":6.000,)"
          R"("first_from_client_ms":7.000,"first_from_upstream_ms":8.000,"last_octet_ms":91.000,)"
          R"("lookup_ms":1.500,"connect_ms":1.000,"resolved":["91.198.174.192","2620:0:862::1"],)"
          R"("tried":["91.198.174.192"],"request_fields":["User-Agent: curl/7.88.1",)"
          R"("Proxy-Authorization: ***"],"answer_fields":["Retry-After: 1"],"elapsed_ms":92.000})");
}

TEST_CASE("ecs: the names of the schema")
{
    auto record = rich();
    record.parent.clear();
    json_reader const read{line_of(formats[1], record)};
    REQUIRE(read.valid());
    check_members(read.members(), {{"@timestamp", R"("2018-12-07T10:38:02.933Z")"},
                                   {"log.level", R"("warn")"},
                                   {"message", R"("CONNECT en.wikipedia.org:443 200")"},
                                   {"event.type", R"(["connection","allowed","end"])"},
                                   {"event.action", R"("tunnel-end")"},
                                   {"event.outcome", R"("success")"},
                                   {"event.reason", R"("idle_timeout")"},
                                   {"event.start", R"("2018-12-07T10:38:02.841Z")"},
                                   {"event.duration", "92000000"},
                                   {"event.id", R"("0000000000000abc")"},
                                   {"source.ip", R"("172.30.230.52")"},
                                   {"source.port", "44476"},
                                   {"source.bytes", "702"},
                                   {"destination.address", R"("en.wikipedia.org:443")"},
                                   {"destination.domain", R"("en.wikipedia.org")"},
                                   {"destination.ip", R"("91.198.174.192")"},
                                   {"destination.port", "443"},
                                   {"destination.bytes", "87599"},
                                   {"http.request.method", R"("CONNECT")"},
                                   {"http.response.status_code", "200"},
                                   {"url.domain", R"("en.wikipedia.org")"},
                                   {"user.name", R"("ann")"},
                                   {"user_agent.original", R"("curl/7.88.1")"},
                                   {"trace.id", R"("4bf92f3577b34da6a3ce929d0e0e4736")"},
                                   {"error.code", R"("idle_timeout")"},
                                   {"rule.name", R"("allow staff")"},
                                   {"tls.version", R"("1.3")"},
                                   {"tls.version_protocol", R"("tls")"},
                                   {"tls.client.server_name", R"("proxy.example")"},
                                   {"viaduct.state", R"("cD")"},
                                   {"viaduct.lookup_ms", "1.500"}});
}

TEST_CASE("ecs: what must be an address is one, and a parent is not the target")
{
    auto record = rich();
    record.client = "fe80::1%eth0";
    record.target = "[2001:db8::1]:8443";
    auto found = json_reader{line_of(formats[1], record)}.members();
    CHECK(!found.contains("source.ip"));
    CHECK(!found.contains("destination.ip")); // it went through parent-1
    CHECK(!found.contains("destination.domain"));
    check_members(found, {{"source.address", R"("fe80::1%eth0")"},
                          {"url.domain", R"("2001:db8::1")"},
                          {"destination.port", "8443"},
                          {"viaduct.peer.ip", R"("91.198.174.192")"}});
    for (std::string const target : {"nowhere", "a:b", "a:99999", "a:", ":", ""}) {
        record.target = target;
        found = json_reader{line_of(formats[1], record)}.members();
        CHECK(!found.contains("destination.port"));
    }
}

TEST_CASE("ecs: what kind of event it was")
{
    struct
    {
        request_outcome outcome;
        viaduct::record_event event;
        std::string type;
        std::string action;
    } const cases[] = {
        {request_outcome::denied, viaduct::record_event::end, R"(["connection","denied"])",
         R"("request-denied")"},
        {request_outcome::unread, viaduct::record_event::end, R"(["connection","error"])",
         R"("request-unread")"},
        {request_outcome::tunnel, viaduct::record_event::start, R"(["connection","allowed","start"])",
         R"("tunnel-start")"},
        {request_outcome::tunnel, viaduct::record_event::progress, R"(["connection","info"])",
         R"("tunnel-progress")"},
    };
    for (auto const& c : cases) {
        tunnel_record record;
        record.outcome = c.outcome;
        record.event = c.event;
        check_members(json_reader{line_of(formats[1], record)}.members(),
                      {{"event.type", c.type}, {"event.action", c.action}});
    }
}

TEST_CASE("otlp: one log record in an export request")
{
    auto record = small();
    record.trace = viaduct::trace_context{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
    record.resolved = {"192.0.2.1", "192.0.2.2"};
    record.times.head = 1ms;
    CHECK(
        line_of(formats[2], record) ==
        R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"viaduct"}}]},)"
        R"("scopeLogs":[{"scope":{"name":"viaduct.access"},"logRecords":[{"timeUnixNano":"1544179082933000000",)"
        R"("observedTimeUnixNano":"1544179082933000000","severityNumber":9,"severityText":"INFO",)"
        R"("body":{"stringValue":"CONNECT en.wikipedia.org:443 200"},"eventName":"viaduct.tunnel.end",)"
        R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","flags":1,)"
        R"("attributes":[{"key":"network.transport","value":{"stringValue":"tcp"}},)"
        R"({"key":"network.protocol.name","value":{"stringValue":"http"}},)"
        R"({"key":"server.address","value":{"stringValue":"en.wikipedia.org"}},)"
        R"({"key":"server.port","value":{"intValue":"443"}},)"
        R"({"key":"client.address","value":{"stringValue":"172.30.230.52"}},)"
        R"({"key":"http.request.method","value":{"stringValue":"CONNECT"}},)"
        R"({"key":"viaduct.target","value":{"stringValue":"en.wikipedia.org:443"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"200"}},)"
        R"({"key":"viaduct.bytes_to_client","value":{"intValue":"87599"}},)"
        R"({"key":"viaduct.bytes_from_client","value":{"intValue":"702"}},)"
        R"({"key":"network.protocol.version","value":{"stringValue":"1.1"}},)"
        R"({"key":"viaduct.id","value":{"stringValue":"0000000000000000"}},)"
        R"({"key":"viaduct.outcome","value":{"stringValue":"tunnel"}},)"
        R"({"key":"viaduct.phase","value":{"stringValue":"tunnel"}},)"
        R"({"key":"viaduct.state","value":{"stringValue":"--"}},)"
        R"({"key":"viaduct.head_ms","value":{"doubleValue":1.000}},)"
        R"({"key":"viaduct.resolved","value":{"arrayValue":{"values":[{"stringValue":"192.0.2.1"},{"stringValue":"192.0.2.2"}]}}},)"
        R"({"key":"viaduct.elapsed_ms","value":{"doubleValue":92.000}}]}]}]}]})");
}

TEST_CASE("otlp: how grave it is")
{
    struct
    {
        viaduct::error_code error;
        std::string severity;
    } const cases[] = {
        {{}, R"("severityNumber":9,"severityText":"INFO")"},
        {errc::request_denied, R"("severityNumber":13,"severityText":"WARN")"},
        {errc::helper_unavailable, R"("severityNumber":17,"severityText":"ERROR")"},
        {{EMFILE, viaduct::error_types::generic_category()}, R"("severityNumber":17,"severityText":"ERROR")"},
    };
    for (auto const& c : cases) {
        auto record = small();
        record.error = c.error;
        CHECK(line_of(formats[2], record).find(c.severity) != std::string::npos);
    }
}

TEST_CASE("json: whatever is in a record, a line is one object of valid JSON and holds no control")
{
    std::string bytes;
    for (int c = 0; c < 256; ++c)
        bytes += static_cast<char>(c);
    for (std::string const& evil :
         {std::string{"\",\"user\":\"root"}, std::string{"a\"}\n{\"time\":\"x\""}, std::string{"\\"},
          std::string{"\\\""}, std::string{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
          std::string{"\xe2\x80\xa8\xed\xa0\x80\xc0\x80"}, std::string(5000, '"'), bytes}) {
        auto record = rich();
        for (auto const member :
             {&tunnel_record::client, &tunnel_record::connection, &tunnel_record::local,
              &tunnel_record::listener, &tunnel_record::method, &tunnel_record::target, &tunnel_record::user,
              &tunnel_record::scheme, &tunnel_record::rule, &tunnel_record::reported, &tunnel_record::peer,
              &tunnel_record::outgoing, &tunnel_record::hierarchy, &tunnel_record::parent,
              &tunnel_record::proxy_error, &tunnel_record::content_type})
            record.*member = evil;
        record.tls = {evil, evil, evil, evil};
        record.resolved = record.tried = {evil, evil};
        record.trace = viaduct::trace_context{evil, evil, false};
        record.request_fields.add("X", "\xff\"\\\xc2\x85\xc2\x9b"
                                       "31m");
        record.request_fields.add("User-Agent", "\"\t\\");
        for (auto const& format : formats) {
            auto const line = line_of(format, record);
            CHECK(json_reader{line}.valid());
            CHECK(line.find_first_of("\r\n") == std::string::npos);
            CHECK(line.find("\xe2\x80\xa8") == std::string::npos);
            CHECK(line.find("\xc2\x9b") == std::string::npos);
        }
        check_members(json_reader{line_of(formats[0], record)}.members(), {{"status", "200"}});
    }
}

TEST_CASE("json: numbers at their limits are numbers, and a time that never came is none")
{
    auto record = rich();
    record.bytes_to_client = record.bytes_from_client = std::numeric_limits<std::uint64_t>::max();
    record.elapsed = tunnel_record::duration::max();
    record.times = {};
    record.ended = {};
    for (auto const& format : formats) {
        auto const line = line_of(format, record);
        CHECK(json_reader{line}.valid());
        CHECK(line.find("18446744073709551615") != std::string::npos);
        CHECK(line.find("head_ms") == std::string::npos);
    }
    record.elapsed = -1ms; // no clock runs so, but a record is a plain value
    for (auto const& format : formats)
        CHECK(json_reader{line_of(format, record)}.valid());
}

TEST_CASE("json: a loss of records is an object, too")
{
    for (auto const& format : formats) {
        std::string line;
        format->append_loss(12, line);
        REQUIRE(line.ends_with('\n'));
        line.pop_back();
        CHECK(json_reader{line}.valid());
        CHECK(line.find("12") != std::string::npos);
        CHECK(format->wishes() == viaduct::every_record_wish);
    }
    std::string line;
    formats[0]->append_loss(12, line);
    CHECK(line == "{\"event\":\"loss\",\"lost\":12}\n");
}

TEST_CASE("json: a line costs no allocation once there is room for it")
{
    auto record = rich();
    for (auto const& format : formats) {
        std::string line;
        format->append(record, line);
        auto const before = allocations;
        line.clear();
        format->append(record, line);
        auto const made = allocations - before;
        CHECK(made == 0);
    }
}

TEST_CASE("named formats: the names that other people's tools have")
{
    struct
    {
        std::string_view name;
        std::string_view beginning;
    } const cases[] = {
        {"envoy", "[2018-12-07T10:38:02.841Z] \"CONNECT - HTTP/1.1\" 200 - 702 "},
        {"istio", "[2018-12-07T10:38:02.841Z] \"CONNECT - HTTP/1.1\" 200 - via_upstream "},
        {"haproxy", "172.30.230.52:0 ["},
        {"json", "{\"time\":"},
        {"ecs", "{\"@timestamp\":"},
        {"otlp", "{\"resourceLogs\":"},
    };
    for (auto const& c : cases) {
        INFO(c.name);
        auto const format = viaduct::format_named(c.name);
        REQUIRE(format);
        CHECK(line_of(format, small()).starts_with(c.beginning));
    }
    for (auto const name : {"", "Squid", "JSON", "json "})
        CHECK(!viaduct::format_named(name));
}
