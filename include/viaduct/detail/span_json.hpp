#ifndef VIADUCT_DETAIL_SPAN_JSON_HPP
#define VIADUCT_DETAIL_SPAN_JSON_HPP

#include <viaduct/condition.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/log/escape.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Spans as OTLP's JSON encoding has them.
namespace viaduct::detail {

/// A list of attributes, written as it is made.
class span_attributes
{
public:
    /// Nothing if the value is empty.
    void text(std::string_view key, std::string_view value)
    {
        if (value.empty()) return;
        begin(key);
        append_text(value);
        json_ += '}';
    }

    void number(std::string_view key, std::uint64_t value)
    {
        begin(key);
        json_.append(R"({"intValue":")").append(std::to_string(value)).append("\"}}"); // 64 bits are a string
    }

    void flag(std::string_view key)
    {
        begin(key);
        json_.append(R"({"boolValue":true}})");
    }

    void texts(std::string_view key, std::vector<std::string> const& values)
    {
        begin(key);
        json_.append(R"({"arrayValue":{"values":[)");
        for (auto const& value : values) {
            if (&value != values.data()) json_ += ',';
            append_text(value);
        }
        json_.append("]}}}");
    }

    [[nodiscard]] std::string const& json() const noexcept { return json_; }

private:
    void begin(std::string_view key)
    {
        json_.append(json_.empty() ? "" : ",").append(R"({"key":")").append(key).append(R"(","value":)");
    }

    void append_text(std::string_view value)
    {
        json_.append(R"({"stringValue":")");
        escape::json(json_, value);
        json_.append("\"}");
    }

    std::string json_;
};

enum class span_kind : unsigned char
{
    internal = 1, // OTLP's numbers
    client = 3
};

/// Of few different values, as the conventions want it.
[[nodiscard]] inline std::string error_type(error_code ec, unsigned status = 0)
{
    if (status >= 400) return std::to_string(status);
    if (!ec) return {};
    if (ec == condition::timed_out) return "timeout";
    return std::string{ec.category().name()} + ':' + std::to_string(ec.value());
}

/// One span.
struct span
{
    using time_point = std::chrono::steady_clock::time_point;

    std::string_view name{}; // a literal
    span_kind kind = span_kind::internal;
    std::string id{};
    time_point began{};
    time_point ended{}; // the clock's beginning for one that is not over
    span_attributes attributes{};
    std::string error{};           // the message
    net::ip::tcp::endpoint peer{}; // whom a connect attempt is for

    [[nodiscard]] bool is_open() const noexcept { return ended == time_point{}; }

    void end(time_point at, error_code ec = {}, unsigned status = 0)
    {
        ended = at;
        auto const type = error_type(ec, status);
        if (type.empty()) return;
        attributes.text("error.type", type);
        error = ec ? ec.message() : type;
    }
};

/// Appends a span. `offset` leads from the steady clock to the time since 1970.
inline void append_span(std::string& json, span const& each, std::string_view trace, std::string_view parent,
                        std::chrono::nanoseconds offset)
{
    auto const time = [offset](span::time_point at) {
        auto const since = std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch());
        return std::to_string((since + offset).count());
    };
    json.append(R"({"traceId":")").append(trace);
    json.append(R"(","spanId":")").append(each.id);
    if (!parent.empty()) json.append(R"(","parentSpanId":")").append(parent);
    json.append(R"(","name":")").append(each.name);
    json.append(R"(","kind":)").append(std::to_string(static_cast<int>(each.kind)));
    json.append(R"(,"startTimeUnixNano":")").append(time(each.began));
    json.append(R"(","endTimeUnixNano":")").append(time(each.ended));
    json.append(R"(","attributes":[)").append(each.attributes.json()).append(R"(],"status":{)");
    if (!each.error.empty()) {
        json.append(R"("code":2,"message":")");
        escape::json(json, each.error);
        json += '"';
    }
    json.append("}}");
}

} // namespace viaduct::detail

#endif
