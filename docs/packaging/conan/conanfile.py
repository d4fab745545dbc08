"""Viaduct for Conan 2: `conan create docs/packaging/conan`, from the tree that this file lies in."""

import os
import re

from conan import ConanFile
from conan.tools.files import copy, load
from conan.tools.gnu import PkgConfigDeps
from conan.tools.layout import basic_layout
from conan.tools.meson import Meson, MesonToolchain

# Each option, what it is called for Meson, and what it needs.
PARTS = {"openssl": ("tls", "openssl/[>=3.0 <4]"), "gssapi": ("gssapi", None), "cares": ("cares", "c-ares/[>=1.18 <2]"),
         "metrics": ("metrics", "prometheus-cpp/[>=1.1 <2]")}


class Viaduct(ConanFile):
    name = "viaduct"
    license = "BSL-1.0"
    description = "HTTP CONNECT tunnels on Asio: client, server, relay, access logs, and a test kit"
    topics = ("http", "proxy", "connect", "tunnel", "asio")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False], "header_only": [True, False]} | {
        part: [True, False] for part in PARTS}
    default_options = {"shared": False, "fPIC": True, "header_only": False, "openssl": True} | {
        part: False for part in PARTS if part != "openssl"}

    @property
    def _tree(self):
        return os.path.normpath(os.path.join(self.recipe_folder, "..", "..", ".."))

    def set_version(self):
        header = load(self, os.path.join(self._tree, "include", "viaduct", "version.hpp"))
        self.version = re.search(r' version = "([0-9.]+)";', header).group(1)

    def export_sources(self):
        for part in ("include", "lib", "meson.build", "meson_options.txt", "LICENSE"):
            pattern = part if os.path.isfile(os.path.join(self._tree, part)) else part + "/*"
            copy(self, pattern, self._tree, self.export_sources_folder)

    def requirements(self):
        self.requires("asio/[>=1.22 <2]", transitive_headers=True)
        self.requires("fmt/[>=9]", transitive_headers=True)
        for part, (_, needed) in PARTS.items():
            if needed and self.options.get_safe(part):
                self.requires(needed, transitive_headers=True)

    def build_requirements(self):
        self.tool_requires("meson/[>=1.0 <2]")
        self.tool_requires("pkgconf/[>=2]")

    def layout(self):
        basic_layout(self)

    def generate(self):
        PkgConfigDeps(self).generate()
        toolchain = MesonToolchain(self)
        toolchain.project_options.update(tests="disabled", examples="disabled", htpasswd="disabled",
                                         compiled=not self.options.header_only)
        for part, (option, _) in PARTS.items():
            toolchain.project_options[option] = "enabled" if self.options.get_safe(part) else "disabled"
        toolchain.generate()

    def build(self):
        meson = Meson(self)
        meson.configure()
        meson.build()

    def package(self):
        Meson(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        compiled = not self.options.header_only
        core = self.cpp_info.components["viaduct"]
        core.set_property("cmake_target_name", "viaduct::viaduct")
        core.set_property("pkg_config_name", "viaduct")
        core.libs = ["viaduct"] if compiled else []
        core.defines = ["VIADUCT_SEPARATE_COMPILATION"] if compiled else []
        core.requires = ["asio::asio", "fmt::fmt"]
        core.system_libs = ["pthread"]
        for part, (_, needed) in PARTS.items():
            if self.options.get_safe(part):
                component = self.cpp_info.components[part]
                component.set_property("cmake_target_name", f"viaduct::{part}")
                component.set_property("pkg_config_name", f"viaduct-{part}")
                component.libs = [f"viaduct-{part}"] if compiled else []
                component.requires = ["viaduct"] + ([f"{needed.split('/')[0]}::{needed.split('/')[0]}"] if needed else [])
                component.system_libs = [] if needed else ["gssapi_krb5"]
