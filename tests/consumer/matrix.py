#!/usr/bin/env python3
"""Other projects use Viaduct in each way that docs/guide/install.md tells: one small program, by pkg-config, by CMake's
find_package, add_subdirectory and FetchContent, and as a subproject of Meson; compiled and header-only; with each compiler.

    matrix.py BUILD_DIR SOURCE_DIR viaduct|viaduct-boost VERSION COMPONENT,...
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

build, source = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
name, version = sys.argv[3:5]
parts = [part for part in sys.argv[5].split(",") if part]
boost = name == "viaduct-boost"
here = pathlib.Path(__file__).resolve().parent
work = pathlib.Path(tempfile.mkdtemp(prefix="viaduct-consumer-"))
compilers = [each for each in ("g++", "clang++-14") if shutil.which(each)]
ccache = ["ccache"] if shutil.which("ccache") else []
environment = {key: value for key, value in os.environ.items() if key not in ("CXX", "CXXFLAGS", "LDFLAGS")}


class Failed(Exception):
    pass


def run(*command, fails=False, **variables):
    done = subprocess.run([str(word) for word in command], env=environment | variables, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if (done.returncode != 0) != fails:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def word(condition):
    return "true" if condition else "false"


def expect(program, mode):
    said = run(program)
    if said != f"{version} {mode}\n":
        raise Failed(f"{program} says {said!r}, not {version} {mode}")


def install(from_build, to):
    """Below `to`, and so elsewhere than where it was made for: a package can be moved."""
    run("meson", "install", "-C", from_build, "--no-rebuild", "--quiet", "--tags", "devel,runtime", "--destdir", to)
    [found] = to.rglob(f"{name}.pc")
    return found.parent.parent


def pkg_config(libdir, *words):
    file = libdir / "pkgconfig" / f"{name}.pc"
    old = next(line for line in file.read_text().splitlines() if line.startswith("prefix=")).removeprefix("prefix=")
    prefix = str(file).split(old + "/", 1)[0] + old
    return run("pkg-config", f"--define-variable=prefix={prefix}", *words, PKG_CONFIG_PATH=str(file.parent)).split()


def by_pkg_config(libdir, mode, compiler):
    modules = [file.stem for file in (libdir / "pkgconfig").glob("viaduct*.pc")]
    if len(modules) != len(parts) + (3 if "openssl" in parts else 2):
        raise Failed(f"these are installed: {modules}")
    program = work / f"pkg-{mode}-{compiler}"
    flags = pkg_config(libdir, "--cflags", "--libs", *modules)
    run(*ccache, compiler, "-std=c++20", "-c", here / "project/main.cpp", "-o", f"{program}.o", *flags)
    run(compiler, f"{program}.o", "-o", program, *flags, f"-Wl,-rpath,{libdir}")
    expect(program, mode)


def by_cmake(way, mode, compiler, *options, mixed=False):
    directory = work / f"cmake-{way}-{mode}-{compiler}{'-mixed' if mixed else ''}"
    launcher = [here / "reuse.sh", *ccache] if way != "package" else ccache
    said = run("cmake", "-G", "Ninja", "-S", here / "project", "-B", directory, f"-DCMAKE_CXX_COMPILER={compiler}",
        f"-DCMAKE_CXX_COMPILER_LAUNCHER={';'.join(map(str, launcher))}", f"-DWAY={way}", f"-DNAME={name}",
        f"-DVERSION={version}", f"-DTREE={source}", f"-DMIXED={mixed}", f"-DHEADER_ONLY={mode == 'compiled'}",
        f"-DVIADUCT_BOOST_ASIO={boost}", f"-DVIADUCT_COMPILED={mode == 'compiled'}", "-DCMAKE_CXX_STANDARD=20",
        *options, fails=mixed)
    if mixed:
        if "VIADUCT_MODE" not in said:
            raise Failed(said)
    else:
        run("ninja", "-C", directory, "-j1", VIADUCT_OBJECTS=str(build / "lib"))
        expect(directory / "as_built", mode)
        if mode == "compiled":
            expect(directory / "header_only", "header-only")


def by_find_package(libdir, mode, compiler, **more):
    by_cmake("package", mode, compiler, f"-D{name}_DIR={libdir / 'cmake' / name}", f"-DPARTS={';'.join(parts)}", **more)


def by_subproject(mode, compiler):
    project = work / f"meson-{mode}-{compiler}"
    shutil.copytree(here / "project", project)
    (project / "subprojects").mkdir()
    (project / "subprojects/viaduct").symlink_to(source, target_is_directory=True)
    run("meson", "setup", project / "build", project, f"-Dname={name}", f"-Dviaduct:compiled={word(mode == 'compiled')}",
        f"-Dviaduct:boost_asio={word(boost)}", CXX=" ".join([str(here / "reuse.sh"), *ccache, compiler]))
    run("ninja", "-C", project / "build", "-j1", "as_built", VIADUCT_OBJECTS=str(build / "lib"))
    expect(project / "build/as_built", mode)


def make_header_only():
    run("meson", "setup", work / "header-only", source, "-Dcompiled=false", "-Dtests=disabled", "-Dexamples=disabled",
        f"-Dboost_asio={word(boost)}", CXX="g++")
    return install(work / "header-only", work / "headers")


def some_ways(compiled):
    """With Boost's Asio, which takes the compiler longer: what goes by another name there."""
    yield "pkg-config, compiled", (by_pkg_config, compiled, "compiled", compilers[0])
    yield "find_package, both modes", (by_find_package, compiled, "compiled", compilers[0])
    yield "FetchContent, header-only", (by_cmake, "fetch", "header-only", compilers[-1])
    yield "Meson subproject, compiled", (by_subproject, "compiled", compilers[0])


def all_ways(compiled):
    """Name and call of each test. What is made by one compiler is used by the other."""
    header_only = make_header_only()
    for compiler in compilers:
        yield f"pkg-config, compiled, {compiler}", (by_pkg_config, compiled, "compiled", compiler)
        yield f"pkg-config, header-only, {compiler}", (by_pkg_config, header_only, "header-only", compiler)
        yield f"find_package, both modes, {compiler}", (by_find_package, compiled, "compiled", compiler)
        yield f"add_subdirectory, both modes, {compiler}", (by_cmake, "subdirectory", "compiled", compiler)
        yield f"Meson subproject, header-only, {compiler}", (by_subproject, "header-only", compiler)
    yield "find_package, header-only installation", (by_find_package, header_only, "header-only", compilers[-1])
    yield "FetchContent, header-only", (by_cmake, "fetch", "header-only", compilers[-1])
    yield "Meson subproject, compiled", (by_subproject, "compiled", compilers[0])
    yield "both modes in one program are refused", (
        lambda: by_find_package(compiled, "compiled", compilers[0], mixed=True),)


def main():
    failed = False
    try:
        tests = list((some_ways if boost else all_ways)(install(build, work / "compiled")))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = [(test, pool.submit(*call)) for test, call in tests]
            print(f"1..{len(results)}")
            for number, (test, result) in enumerate(results, 1):
                problem = result.exception()
                failed = failed or problem is not None
                print(f"{'ok' if problem is None else 'not ok'} {number} - {test}")
                if problem is not None:
                    print("\n".join(f"# {line}" for line in str(problem).splitlines()))
    finally:
        shutil.rmtree(work)
    return failed


sys.exit(main())
