#ifndef VIADUCT_IMPL_LOG_JSON_WRITER_HPP
#define VIADUCT_IMPL_LOG_JSON_WRITER_HPP

#include <viaduct/http/fields.hpp>
#include <viaduct/impl/log/calendar.hpp>
#include <viaduct/log/escape.hpp>

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

enum class json_type : unsigned char
{
    text,
    number,
    milliseconds,
    list
};

/// A member's name with everything around it, made once: for each record it is copied.
/**
 * It begins with a comma, so it is for objects that have a member already, or for lists of attributes that
 * have one. Whatever is not set is left out.
 */
class json_key
{
public:
    json_key(json_dialect dialect, json_type type, json_name const& name)
    {
        auto const key = name.in(dialect);
        if (key.empty()) return;
        is_address_ = key.ends_with(".ip");
        if (dialect == json_dialect::otlp)
            set_attribute(key, type);
        else
            set_member(key, type);
    }

    [[nodiscard]] bool has_place() const noexcept { return !open_.empty(); }

    void text(std::string& line, std::string_view value) const
    {
        bool const has_zone = is_address_ && value.find('%') != value.npos;
        if (value.empty() || open_.empty() || has_zone) return;
        line += open_;
        escape::json(line, value);
        line += close_;
    }

    /// Text that needs no escape.
    void word(std::string& line, std::string_view value) const
    {
        if (!value.empty() && has_place()) line.append(open_).append(value).append(close_);
    }

    void number(std::string& line, std::uint64_t value) const
    {
        if (open_.empty()) return;
        line += open_;
        append_number(line, value);
        line += close_;
    }

    /// Unless it is 0.
    void count(std::string& line, std::uint64_t value) const
    {
        if (value != 0) number(line, value);
    }

    void milliseconds(std::string& line, request_times::duration time) const
    {
        if (open_.empty() || time < time.zero()) return;
        auto const us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
        line += open_;
        append_number(line, us / 1000);
        char fraction[4] = {'.'};
        put_digits(fraction + 1, static_cast<unsigned>(us % 1000), 3);
        line.append(fraction, sizeof fraction).append(close_);
    }

    void list(std::string& line, std::vector<std::string> const& values) const
    {
        if (values.empty() || open_.empty()) return;
        line += open_;
        for (auto const& value : values) {
            if (&value != &values.front()) line += between_;
            escape::json(line, value);
        }
        line += close_;
    }

    /// Field lines, as `Name: value`.
    void list(std::string& line, fields const& values) const
    {
        if (values.empty() || open_.empty()) return;
        line += open_;
        bool first = true;
        for (auto const field : values) {
            if (!first) line += between_;
            first = false;
            escape::json(line, field.name);
            line += ": ";
            escape::json(line, field.value);
        }
        line += close_;
    }

private:
    void set_member(std::string_view key, json_type type)
    {
        open_.append(",\"").append(key).append("\":");
        switch (type) {
        case json_type::text:
            open_ += '"';
            close_ = "\"";
            break;
        case json_type::list:
            open_ += "[\"";
            close_ = "\"]";
            between_ = "\",\"";
            break;
        default: break;
        }
    }

    /// In OTLP's JSON an integer of 64 bits is a string.
    void set_attribute(std::string_view key, json_type type)
    {
        open_.append(R"(,{"key":")").append(key).append(R"(","value":)");
        switch (type) {
        case json_type::text:
            open_ += R"({"stringValue":")";
            close_ = R"("}})";
            break;
        case json_type::number:
            open_ += R"({"intValue":")";
            close_ = R"("}})";
            break;
        case json_type::milliseconds:
            open_ += R"({"doubleValue":)";
            close_ = "}}";
            break;
        case json_type::list:
            open_ += R"({"arrayValue":{"values":[{"stringValue":")";
            close_ = R"("}]}}})";
            between_ = R"("},{"stringValue":")";
            break;
        }
    }

    std::string open_{}; // empty: it has no place
    std::string_view close_{};
    std::string_view between_{};
    bool is_address_ = false;
};

} // namespace viaduct::detail

#endif
