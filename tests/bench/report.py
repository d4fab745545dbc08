"""What the figures say: medians and spreads, tables for the terminal, bars for a page."""

import dataclasses
import statistics
from xml.sax.saxutils import escape

OURS = "viaduct-proxy"
LOAD_WAS_THE_LIMIT = 0.95  # of the load's CPU


@dataclasses.dataclass(frozen=True)
class Figure:
    key: str
    title: str  # by itself, as above a plot
    column: str  # in its table
    unit: str
    more_is_better: bool = False
    load: str = ""  # the value that says whether the load was the limit

    def best(self, values):
        return (max if self.more_is_better else min)(values)


def bulk_figures(suffix, what, unit, **options):
    ways = ((d, n) for d in ("down", "up") for n in (1, 8))
    return tuple(Figure(f"{way}{n}_{suffix}", f"{what}, {n} tunnel{'s' * (n > 1)} {way}", f"{n} {way}", unit,
                        load=f"{way}{n}_load", **options) for way, n in ways)


def ping_figures(tunnels):
    name, where = f"ping{tunnels}", f"{tunnels} tunnel{'s' * (tunnels > 1)}"
    return (Figure(f"{name}_cpu", f"CPU per ping, {where}", f"{tunnels}: CPU us", "us"),
            Figure(f"{name}_p50", f"Latency p50, {where}", f"{tunnels}: p50 us", "us"),
            Figure(f"{name}_p99", f"Latency p99, {where}", f"{tunnels}: p99 us", "us"))


TABLES = (
    ("Set-up: CONNECT, one octet there and back, close; 32 at a time",
     (Figure("setup_cpu", "CPU per tunnel, 32 at a time", "CPU us per tunnel", "us"),
      Figure("setup_rate", "Tunnels per second, 32 at a time", "tunnels/s", "/s", True, "setup_load"))),
    ("Bulk: CPU s per GB", bulk_figures("cpu", "CPU per GB", "s")),
    ("Bulk: GB/s", bulk_figures("rate", "GB/s", "GB/s", more_is_better=True)),
    ("Pings of 64 octets, there and back", ping_figures(1) + ping_figures(32)),
    ("Memory: at start, and for each idle tunnel",
     (Figure("start", "Resident memory at start", "start MB", "MB"),
      Figure("idle1000", "Memory per idle tunnel, 1,000 open", "kB of 1,000", "kB"),
      Figure("idle8000", "Memory per idle tunnel, 8,000 open", "kB of 8,000", "kB"))),
)
FIGURES = tuple(figure for _, figures in TABLES for figure in figures)
PLOTTED = ("setup_cpu", "ping32_cpu", "down8_cpu", "up8_cpu", "ping32_p99", "idle8000", "idle1000")


# ---- sums -----------------------------------------------------------------------------------------------------------


def summarise(values, contenders):
    """Figure -> its unit, each contender's median and spread, and our ratio to the best peer and to the floor."""
    report = {}
    for figure in FIGURES:
        entries = {}
        for contender in contenders:
            of = values.get(contender.name, {})
            if figure.key in of:
                entries[contender.name] = entry(of[figure.key], of.get(figure.load), contender.kind)
        if entries:
            report[figure.key] = {"title": figure.title, "unit": figure.unit, "contenders": entries,
                                  "best": "most" if figure.more_is_better else "least",
                                  "best_peer": against(figure, entries, "proxy"),
                                  "floor": against(figure, entries, "floor")}
    return report


def entry(values, load, kind):
    summary = {"kind": kind, "median": statistics.median(values), "min": min(values), "max": max(values),
               "values": values}
    if load:
        summary["load_busy"] = statistics.median(load)
    return summary


def against(figure, entries, kind):
    """The best of a kind, and our ratio to it."""
    medians = {name: e["median"] for name, e in entries.items() if e["kind"] == kind}
    if not medians:
        return None
    best = figure.best(medians.values())
    name = next(name for name, median in medians.items() if median == best)
    ours = entries.get(OURS)
    return {"name": name, "median": best, "ratio": ours["median"] / best if ours and best > 0 else None}


# ---- tables ---------------------------------------------------------------------------------------------------------


def short(value):
    """Three digits that say something."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def cell(summary, figure):
    if not summary:
        return "-"
    limited = figure.more_is_better and summary.get("load_busy", 0) > LOAD_WAS_THE_LIMIT
    spread = f" ({short(summary['min'])}-{short(summary['max'])})" if len(summary["values"]) > 1 else ""
    return short(summary["median"]) + "+" * limited + spread


def print_table(title, rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        print("  " + row[0].ljust(widths[0]) + "".join("  " + c.rjust(w) for c, w in zip(row[1:], widths[1:])))


def print_figures(report):
    figures = report["figures"]
    for title, columns in TABLES:
        columns = [figure for figure in columns if figure.key in figures]
        names = dict.fromkeys(name for figure in columns for name in figures[figure.key]["contenders"])
        if columns:
            rows = [[name] + [cell(figures[f.key]["contenders"].get(name), f) for f in columns] for name in names]
            print_table(title, [["", *(figure.column for figure in columns)], *rows])
    print("\n  median (least-most) of the rounds; -: not measured; +: the load was the limit, there may be more")


def print_ratios(figures):
    rows = [["", OURS, "best peer", "", "ratio", "floor", "", "ratio"]]
    for key, figure in figures.items():
        ours = figure["contenders"].get(OURS)
        if ours:
            rows.append([f"{figure['title']}, {figure['unit']}", short(ours["median"]),
                         *rival(figure["best_peer"]), *rival(figure["floor"])])
    if len(rows) > 1:
        print_table(f"{OURS} against the best peer and the floor", rows)


def rival(best):
    return [short(best["median"]), best["name"], short(best["ratio"])] if best else ["-", "", "-"]


def print_flatness(curve):
    rows = [["idle tunnels beside", "CPU us per tunnel", "CPU us per ping, 32 tunnels"]]
    rows += [[str(at["idle"]), short(at["setup_cpu"]), short(at["ping32_cpu"])] for at in curve]
    print_table(f"{OURS} with idle tunnels open beside", rows)


def print_workers(workers):
    print(f"\nTwo workers of {OURS} carry {short(workers['gain'])} times the tunnels of one"
          f" (CPU of the busiest thread: {short(workers['two_us'])} and {short(workers['one_us'])} us per tunnel)")


def print_syscalls(counts):
    for name, count in counts.items():
        calls = ", ".join(f"{call} {short_count(number)}" for call, number in count["calls"].items())
        print(f"\n{name}: {short_count(count['total'])} system calls a tunnel, from accept to close"
              f" (median of {count['tunnels']} tunnels)\n  {calls}")


def short_count(number):
    return f"{number:.1f}".removesuffix(".0")


def print_report(report):
    if "figures" in report:
        where = report["machine"]
        print(f"{where['cpu']}, {where['cpus']} CPUs, Linux {where['kernel']}, load {where['load']:.1f};"
              f" {report['rounds']} round{'s' * (report['rounds'] != 1)}{', quick' * report['quick']}")
        print_figures(report)
        print_ratios(report["figures"])
    if report.get("flatness"):
        print_flatness(report["flatness"])
    if report.get("workers"):
        print_workers(report["workers"])
    print_syscalls(report.get("syscalls", {}))
    for note in report.get("notes", []):
        print(f"\nnote: {note}", end="")
    print()


# ---- bars -----------------------------------------------------------------------------------------------------------

COLOURS = {"ours": "#1f6feb", "proxy": "#a9b4c2", "relay": "#d3dae3", "floor": "#8cc38a", "direct": "#d3dae3"}
PANEL, NAME, BAR, ROW, HEAD, GAP = 450, 126, 196, 18, 30, 20


def write_svg(path, report):
    figures = report["figures"]
    panels = [figures[key] for key in PLOTTED if key in figures][:6]
    rows = max((len(bars_of(panel)) for panel in panels), default=0)
    height = HEAD + rows * ROW + GAP
    width, total = 2 * PANEL + GAP, 34 + (len(panels) + 1) // 2 * height
    with open(path, "w", encoding="ascii") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" width="{width}"'
                   f' height="{total}" font-family="system-ui, sans-serif" font-size="12" fill="#24292f">\n'
                   f'<rect width="{width}" height="{total}" fill="#ffffff"/>\n')
        for number, panel in enumerate(panels):
            draw_panel(file, panel, (number % 2) * (PANEL + GAP // 2) + GAP // 2, number // 2 * height)
        file.write(f'<text x="{GAP // 2}" y="{total - 12}" fill="#57606a">Less is better. In brackets: how many times'
                   f" {OURS}. Green: the floor; pale: no proxy. Medians of {report['rounds']} rounds,"
                   f" {escape(report['machine']['cpu'])}.</text>\n</svg>\n")


def bars_of(panel):
    """Best first; who is a relay or a floor is no proxy, and looks different."""
    return sorted(panel["contenders"].items(), key=lambda item: item[1]["median"])


def draw_panel(file, panel, x, y):
    bars = bars_of(panel)
    longest = max(bar["median"] for _, bar in bars) or 1
    ours = panel["contenders"].get(OURS)
    file.write(f'<text x="{x}" y="{y + 22}" font-weight="600">{escape(panel["title"])}</text>\n')
    for number, (name, bar) in enumerate(bars):
        top = y + HEAD + number * ROW
        length = max(1, bar["median"] / longest * BAR)
        times = f" ({bar['median'] / ours['median']:.2f}x)" if ours and ours["median"] > 0 and name != OURS else ""
        file.write(f'<text x="{x + NAME - 6}" y="{top + 13}" text-anchor="end">{escape(name)}</text>'
                   f'<rect x="{x + NAME}" y="{top + 3}" width="{length:.1f}" height="{ROW - 5}"'
                   f' fill="{COLOURS.get(bar["kind"], "#7aa7e8")}"/>'
                   f'<text x="{x + NAME + length + 5:.1f}" y="{top + 13}">{short(bar["median"])} {panel["unit"]}'
                   f"{times}</text>\n")
