#ifndef VIADUCT_TESTS_NET_CERTIFICATES_HPP
#define VIADUCT_TESTS_NET_CERTIFICATES_HPP

#include "temporary_directory.hpp"
#include <viaduct/testing/throw_away_ca.hpp>

#include <chrono>
#include <fstream>
#include <string>

namespace fixture {

using identity = viaduct::testing::throw_away_certificate;

/// A directory for files, gone with this. Each `write` returns the file's name.
class certificate_directory
{
public:
    [[nodiscard]] std::string write(std::string const& name, std::string const& text) const
    {
        std::ofstream{at(name)} << text;
        return at(name);
    }

    [[nodiscard]] std::string write_certificate(std::string const& name, identity const& who) const
    {
        return write(name, who.certificate_pem());
    }

    /// @param password Encrypts the key, unless it is empty.
    [[nodiscard]] std::string write_key(std::string const& name, identity const& who,
                                        std::string const& password = {}) const
    {
        return write(name, who.key_pem(password));
    }

    [[nodiscard]] std::string at(std::string const& name) const { return files_.file(name); }

private:
    temporary_directory files_;
};

/// Who there is, and the files that tell of them.
struct cast
{
    viaduct::testing::throw_away_ca ca{"the authority"};
    viaduct::testing::throw_away_ca other_ca{"another authority"};
    identity server = ca.issue({.addresses = {"127.0.0.1"}});
    identity elsewhere = ca.issue({.names = {"elsewhere.example"}, .addresses = {}});
    identity expired =
        ca.issue({.addresses = {}, .from = std::chrono::seconds{-200}, .until = std::chrono::seconds{-100}});
    identity client = ca.issue_client("the client");

    certificate_directory files;
    std::string ca_file = files.write_certificate("ca.pem", ca.self());
    std::string other_ca_file = files.write_certificate("other-ca.pem", other_ca.self());
    std::string client_file = files.write_certificate("client.pem", client);
    std::string key_file = files.write_key("client.key", client);
    std::string locked_key_file = files.write_key("locked.key", client, "opensesame");
    std::string other_key_file = files.write_key("other.key", server);
    std::string nonsense_file = files.write("nonsense.pem", "not PEM\n");
};

[[nodiscard]] inline cast const& of_this_play()
{
    static cast const all;
    return all;
}

} // namespace fixture

#endif
