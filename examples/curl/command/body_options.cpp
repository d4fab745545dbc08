#include "command/argument_reader.hpp"
#include "command/form_reader.hpp"
#include "command/values.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>

namespace viaduct_curl {
namespace {

/// Pieces of -d are fields of one form.
void add_field(std::optional<std::string>& to, std::string const& field)
{
    to = to ? *to + '&' + field : field;
}

/// The line ends of files are left out, as curl does.
void take_data(given& g)
{
    auto text = value_or_file(g);
    auto const is_dropped = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (g.value.starts_with('@'))
        text.erase(std::remove_if(text.begin(), text.end(), is_dropped), text.end());
    add_field(g.now.request.body, text);
}

void take_raw_data(given& g)
{
    add_field(g.now.request.body, g.value);
}

void take_binary_data(given& g)
{
    add_field(g.now.request.body, value_or_file(g));
}

void take_json(given& g)
{
    g.now.request.json = true;
    g.now.request.body = g.now.request.body.value_or("") + value_or_file(g);
}

/// As a browser encodes a form: a blank becomes a plus.
[[nodiscard]] std::string encode(std::string const& text)
{
    std::string result;
    std::unique_ptr<char, decltype(&curl_free)> const encoded{
        curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), curl_free};
    for (std::string_view rest = encoded.get() ? encoded.get() : ""; !rest.empty();) {
        bool const is_blank = rest.starts_with("%20");
        result += is_blank ? '+' : rest.front();
        rest.remove_prefix(is_blank ? 3 : 1);
    }
    return result;
}

/// `content`, `=content`, `name=content`, `@file` or `name@file`; only the content is encoded.
[[nodiscard]] std::string encode_field(std::string const& given_text)
{
    auto const mark = given_text.find('=') != std::string::npos ? given_text.find('=') : given_text.find('@');
    if (mark == std::string::npos) return encode(given_text);
    auto const name = given_text.substr(0, mark);
    auto const value = given_text.substr(mark + 1);
    bool const is_file = given_text[mark] == '@';
    auto const content = encode(is_file ? read_file(value) : value);
    bool const is_named = !name.empty() && !(is_file && content.empty());
    return is_named ? name + '=' + content : content;
}

void take_encoded_data(given& g)
{
    add_field(g.now.request.body, encode_field(g.value));
}

void take_query(given& g)
{
    bool const is_ready = g.value.starts_with('+');
    add_field(g.now.request.query, is_ready ? g.value.substr(1) : encode_field(g.value));
}

void take_form(given& g)
{
    read_form(g);
}

void take_form_string(given& g)
{
    read_form_string(g);
}

/// The nth belongs to the nth URL; an empty one leaves a URL out.
void take_upload(given& g)
{
    next_target(g.now, [](target const& t) { return !t.upload; }).upload = g.value;
}

constexpr std::array rows{
    option{"data", 'd', "data|@file", take_data, "Send a form with POST"},
    option{"data-ascii", 0, "data|@file", take_data, "The same"},
    option{"data-raw", 0, "data", take_raw_data, "The same; an @ means nothing"},
    option{"data-binary", 0, "data|@file", take_binary_data, "The same; files stay as they are"},
    option{"data-urlencode", 0, "[name][=|@]data", take_encoded_data, "The same, encoded first"},
    option{"json", 0, "data|@file", take_json, "Send JSON with POST"},
    option{"get", 'G', "", [](given& g) { g.now.request.body_in_query = g.on; },
           "Put such data into the URL"},
    option{"url-query", 0, "[name][=|@]data", take_query,
           "Put this into the URL, encoded; '+' before it: as it is"},
    option{"form", 'F', "name=content", take_form, "Send a part of a form: a text, @file or <file"},
    option{"form-string", 0, "name=text", take_form_string, "The same; nothing in the text has a meaning"},
    option{"form-escape", 0, "", pass_bits<CURLOPT_MIME_OPTIONS, CURLMIMEOPT_FORMESCAPE>,
           "Escape names in forms with backslashes"},
    option{"upload-file", 'T', "file", take_upload, "Send a file with PUT; '-' and '.': the standard input"},
    option{"append", 'a', "", [](given&) {}, "Means nothing to HTTP, and is taken for curl's sake"},
    option{"crlf", 0, "", pass_flag<CURLOPT_CRLF>, "Make CRLF of each LF that is sent"},
};

} // namespace

topic body_options()
{
    return {"The request's content", rows};
}

} // namespace viaduct_curl
