#ifndef VIADUCT_IMPL_LOG_JSON_WRITER_HPP
#define VIADUCT_IMPL_LOG_JSON_WRITER_HPP

#include <viaduct/http/fields.hpp>
#include <viaduct/impl/log/calendar.hpp>
#include <viaduct/log/escape.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::detail {

/// Which names are written.
enum class json_dialect : unsigned char
{
    flat,
    ecs,
    otlp
};

/// What a member is called in each of them; empty where it has no place.
struct json_name
{
    std::string_view flat;
    std::string_view ecs;
    std::string_view otlp;

    [[nodiscard]] constexpr std::string_view in(json_dialect dialect) const noexcept
    {
        switch (dialect) {
        case json_dialect::flat: return flat;
        case json_dialect::ecs: return ecs;
        case json_dialect::otlp: break;
        }
        return otlp;
    }
};

/// Appends members to an object that has one already, or attributes to a list that has one.
/** Whatever is not set is left out. */
class json_writer
{
public:
    json_writer(std::string& line, json_dialect dialect) noexcept : line_{line}, dialect_{dialect} {}

    [[nodiscard]] json_dialect dialect() const noexcept { return dialect_; }

    void text(json_name const& name, std::string_view value)
    {
        auto const key = name.in(dialect_);
        bool const no_address = key.ends_with(".ip") && value.find('%') != value.npos; // it has a zone
        if (value.empty() || key.empty() || no_address) return;
        open(key, R"({"stringValue":)");
        string(value);
        close();
    }

    void number(json_name const& name, std::uint64_t value)
    {
        auto const key = name.in(dialect_);
        if (key.empty()) return;
        open(key, R"({"intValue":")");
        append_number(line_, value);
        if (is_otlp()) line_ += '"';
        close();
    }

    /// Unless it is 0.
    void count(json_name const& name, std::uint64_t value)
    {
        if (value != 0) number(name, value);
    }

    void milliseconds(json_name const& name, request_times::duration time)
    {
        auto const key = name.in(dialect_);
        auto const us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
        if (key.empty() || time < time.zero()) return;
        open(key, R"({"doubleValue":)");
        append_number(line_, us / 1000);
        char fraction[4] = {'.'};
        put_digits(fraction + 1, static_cast<unsigned>(us % 1000), 3);
        line_.append(fraction, sizeof fraction);
        close();
    }

    void list(json_name const& name, std::vector<std::string> const& values)
    {
        if (values.empty() || name.in(dialect_).empty()) return;
        open_list(name.in(dialect_));
        for (auto const& value : values) {
            open_element();
            string(value);
            close_element();
        }
        close_list();
    }

    void lines(json_name const& name, fields const& values)
    {
        if (values.empty()) return;
        open_list(name.in(dialect_));
        for (auto const field : values) {
            open_element();
            line_ += '"';
            escape::json(line_, field.name);
            line_ += ": ";
            escape::json(line_, field.value);
            line_ += '"';
            close_element();
        }
        close_list();
    }

private:
    [[nodiscard]] bool is_otlp() const noexcept { return dialect_ == json_dialect::otlp; }

    void string(std::string_view value)
    {
        line_ += '"';
        escape::json(line_, value);
        line_ += '"';
    }

    void open(std::string_view key, std::string_view typed)
    {
        line_.append(is_otlp() ? R"(,{"key":")" : ",\"").append(key).append("\":", is_otlp() ? 1 : 2);
        if (is_otlp()) line_.append(R"(,"value":)").append(typed);
    }

    void close()
    {
        if (is_otlp()) line_ += "}}";
    }

    void open_list(std::string_view key)
    {
        open(key, R"({"arrayValue":{"values":)");
        line_ += '[';
        first_ = true;
    }

    void open_element()
    {
        if (!first_) line_ += ',';
        first_ = false;
        if (is_otlp()) line_ += R"({"stringValue":)";
    }

    void close_element()
    {
        if (is_otlp()) line_ += '}';
    }

    void close_list()
    {
        line_ += is_otlp() ? "]}" : "]";
        close();
    }

    std::string& line_;
    json_dialect dialect_;
    bool first_ = true;
};

} // namespace viaduct::detail

#endif
