"""What packages Viaduct says the same version everywhere, names what is there, and can be read by its tools.

    packaging.py SOURCE_DIR VIADUCT_PROXY
"""

import ast
import json
import pathlib
import re
import shutil
import subprocess
import sys

import harness

tree = pathlib.Path(sys.argv[1])
packaging = tree / "docs/packaging"


def read(path):
    return (tree / path).read_text()


def only(pattern, path):
    [found] = set(re.findall(pattern, read(path)))
    return found


header = "include/viaduct/version.hpp"
version = only(r' version = "([0-9.]+)";', header)
soversion = ".".join(version.split(".")[:2]) if version.startswith("0.") else version.split(".")[0]


def says_the_version():
    major, minor, patch = map(int, version.split("."))
    harness.expect(only(r"#define VIADUCT_VERSION (\d+)", header), str(10000 * major + 100 * minor + patch), "macro")
    harness.expect(re.search(r"(?m)^## ([0-9.]+) ", read("CHANGELOG.md"))[1], version, "CHANGELOG.md")
    said = subprocess.run([sys.argv[2], "--version"], capture_output=True, text=True, timeout=20).stdout
    harness.expect(said, f"viaduct-proxy {version}\n", "viaduct-proxy --version")


def packages_have_the_version():
    harness.expect(json.loads(read("docs/packaging/vcpkg/vcpkg.json"))["version-semver"], version, "vcpkg.json")
    harness.expect(only(r"viaduct-proxy:([0-9.]+)", "docs/packaging/Containerfile"), version, "Containerfile")
    harness.expect(only(r'image.version="([0-9.]+)"', "docs/packaging/Containerfile"), version, "Containerfile")
    harness.expect(re.match(r"viaduct \(([0-9.]+)-\d+\)", read("docs/packaging/debian/changelog"))[1], version, "debian")
    names = re.findall(r"(?m)^Package: (libviaduct\S*\d)$", read("docs/packaging/debian/control"))
    harness.expect({re.search(r"[0-9.]+$", name)[0] for name in names}, {soversion}, "packages of libraries")
    for name in names:
        harness.expect((packaging / "debian" / f"{name}.install").is_file(), True, f"{name}.install")


def changelog_names_what_is_there():
    text = "\n".join(path.read_text() for path in (tree / "include").rglob("*.hpp"))
    known = set(re.findall(r"\w+", text))
    named = set(re.findall(r"`(\w+)`", read("CHANGELOG.md")))
    harness.expect(named - known, set(), "names that no header has")
    rooms = {path.name for path in (tree / "include/viaduct").iterdir() if path.is_dir()} - {"detail", "impl"}
    harness.expect(rooms - set(re.findall(r"\*\*(\w+)/\*\*", read("CHANGELOG.md"))), set(), "rooms without a word")


PORT = """cmake_minimum_required(VERSION 3.24)
foreach(name IN ITEMS vcpkg_configure_meson vcpkg_install_meson vcpkg_fixup_pkgconfig vcpkg_cmake_config_fixup
        vcpkg_install_copyright)
    function(${name})
        message("${name} ${ARGN}")
    endfunction()
endforeach()
set(FEATURES core openssl)
set(CURRENT_PACKAGES_DIR /nonexistent)
include(%s)
"""


def recipes_can_be_read():
    ast.parse(read("docs/packaging/conan/conanfile.py"))
    features = set(json.loads(read("docs/packaging/vcpkg/vcpkg.json"))["features"])
    if not shutil.which("cmake"):
        raise harness.Skip("cmake is needed")
    with harness.scratch_directory() as place:
        script = pathlib.Path(place) / "port.cmake"
        script.write_text(PORT % (packaging / "vcpkg/portfile.cmake"))
        done = subprocess.run(["cmake", "-P", str(script)], capture_output=True, text=True, timeout=20)
    harness.expect(done.returncode, 0, done.stderr)
    harness.expect_match(re.escape(f"SOURCE_PATH;{tree}") + ";OPTIONS;.*-Dtls=enabled;-Dgssapi=disabled", done.stderr)
    options = set(re.findall(r"(?m)^option\('(\w+)'", read("meson_options.txt")))
    used = set(re.findall(r"-D(\w+)=", done.stderr)) | features - {"openssl"}
    harness.expect(used - options, set(), "options that Meson does not know")


tests = harness.Tests()
tests.run("the header, the changelog and viaduct-proxy agree on the version", says_the_version)
tests.run("so do all packages", packages_have_the_version)
tests.run("the changelog names what is there", changelog_names_what_is_there)
tests.run("recipes can be read, and use options that there are", recipes_can_be_read)
tests.done()
