#include "flag_group.hpp"

#include <CLI/CLI.hpp>

namespace viaduct_proxy {

void flag_group::list(char const* flag, std::vector<std::string>& to, char const* type,
                      std::string const& help)
{
    app_.add_option(flag, to, help)->type_name(type)->group(title_)->allow_extra_args(false);
}

void flag_group::text(char const* flag, std::optional<std::string>& to, char const* type,
                      std::string const& help)
{
    app_.add_option(flag, to, help)->type_name(type)->group(title_);
}

void flag_group::text(char const* flag, std::string& to, char const* type, std::string const& help)
{
    app_.add_option(flag, to, help)->type_name(type)->group(title_)->capture_default_str();
}

void flag_group::seconds(char const* flag, double& to, std::string const& help)
{
    app_.add_option(flag, to, help)->type_name("SECONDS")->group(title_)->capture_default_str();
}

void flag_group::number(char const* flag, std::size_t& to, std::string const& help)
{
    app_.add_option(flag, to, help)
        ->type_name("N")
        ->group(title_)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1e12));
}

void flag_group::on(char const* flag, bool& to, std::string const& help)
{
    app_.add_flag(flag, to, help)->group(title_);
}

void flag_group::several(char const* flag, std::vector<std::string>& to, std::pair<int, int> how_many,
                         char const* type, std::string const& help)
{
    app_.add_option(flag, to, help)
        ->type_name(type)
        ->group(title_)
        ->expected(how_many.first, how_many.second);
}

} // namespace viaduct_proxy
