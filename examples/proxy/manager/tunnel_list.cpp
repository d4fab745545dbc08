#include "tunnel_list.hpp"

#include <viaduct/log/json_lines.hpp>

#include <algorithm>

namespace viaduct_proxy {

std::string to_json(viaduct::tunnel_record const& record)
{
    static auto const format = viaduct::json_flat();
    std::string line;
    format->append(record, line);
    return line;
}

std::string to_json(std::vector<viaduct::tunnel_record> all, std::size_t most)
{
    std::string text = "{\"tunnels\":[";
    auto const count = std::min(all.size(), most);
    for (std::size_t i = 0; i != count; ++i) {
        text += i == 0 ? "\n" : ",\n";
        text += to_json(all[i]);
        text.pop_back(); // the end of the line
    }
    return text + "],\n\"more\":" + (all.size() > most ? "true" : "false") + "}\n";
}

} // namespace viaduct_proxy
