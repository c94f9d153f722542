"""Draws results.svg: four panels, written by hand as SVG so that no plotting package is needed."""

from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 1280, 900
MARGIN, GAP = 40, 56
PANEL_WIDTH = (WIDTH - 2 * MARGIN - GAP) / 2
PANEL_TOPS = (98, 492)
PANEL_HEIGHT = 356

NAMES = {
    "orapool": "orapool",
    "pl_mutex_vec": "mutex + vector",
    "fifo": "strict FIFO",
    "r2d2": "r2d2",
    "deadpool": "deadpool",
    "apr_reslist": "APR reslist",
}

INK, MUTED, GRID = "#1f2933", "#61707f", "#dfe4ea"
OURS, OURS_LIGHT = "#c2410c", "#f2a07b"
OTHERS, OTHERS_LIGHT = "#3b6ea5", "#a9c3df"


# ---- elements ----


def text(x, y, content, size=13, anchor="start", colour=INK, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}">{escape(content)}</text>'
    )


def rectangle(x, y, width, height, colour, radius=0):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" rx="{radius}" fill="{colour}"/>'


def line(x1, y1, x2, y2, colour=GRID, width=1.0):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def dot(x, y, radius, colour, hollow=False):
    fill = "#ffffff" if hollow else colour
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{colour}" stroke-width="2"/>'


def diamond(x, y, radius, colour):
    points = f"{x:.1f},{y - radius:.1f} {x + radius:.1f},{y:.1f} {x:.1f},{y + radius:.1f} {x - radius:.1f},{y:.1f}"
    return f'<polygon points="{points}" fill="{colour}"/>'


def tick(x, y, half, colour):
    return line(x, y - half, x, y + half, colour, 3)


def colours(contender):
    return (OURS, OURS_LIGHT) if contender == "orapool" else (OTHERS, OTHERS_LIGHT)


# ---- numbers ----


def digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def duration(ns):
    for limit, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if ns >= limit:
            return f"{ns / limit:.3g} {unit}"
    return f"{ns:.3g} ns"


def rate(per_second):
    return f"{per_second / 1e6:.1f}M" if per_second >= 1e6 else f"{per_second / 1e3:.1f}k"


def fairness(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


# ---- a panel: title, rows of contenders, a horizontal axis ----


class Panel:
    """A place on the page, with a label column at its left and, if asked, columns of text at its right."""

    def __init__(self, column, row, title, right=0):
        self.left = MARGIN + column * (PANEL_WIDTH + GAP)
        self.top = PANEL_TOPS[row]
        self.plot_left = self.left + 118
        self.plot_right = self.left + PANEL_WIDTH - right
        self.plot_top = self.top + 58
        self.plot_bottom = self.top + PANEL_HEIGHT - 44
        self.parts = [text(self.left, self.top + 14, title, 16, weight="bold")]

    def legend(self, entries):
        """Entries: (draw at x and y, label). One line below the title."""
        x, y = self.left, self.top + 38
        for draw, label in entries:
            self.parts += [draw(x + 7, y - 4), text(x + 20, y, label, 12, colour=MUTED)]
            x += 38 + 6.4 * len(label)

    def rows(self, contenders):
        """The middle of each contender's row, after writing its name."""
        height = (self.plot_bottom - self.plot_top) / max(len(contenders), 1)
        middles = {}
        for i, contender in enumerate(contenders):
            y = self.plot_top + (i + 0.5) * height
            ours = contender == "orapool"
            name = NAMES.get(contender, contender)
            self.parts.append(
                text(self.plot_left - 12, y + 4.5, name, 13, "end", OURS if ours else INK, "bold" if ours else "normal")
            )
            middles[contender] = y
        return middles

    def axis(self, ticks, label):
        """Ticks: (x, label)."""
        for x, name in ticks:
            self.parts.append(line(x, self.plot_top, x, self.plot_bottom))
            self.parts.append(text(x, self.plot_bottom + 17, name, 11.5, "middle", MUTED))
        middle = (self.plot_left + self.plot_right) / 2
        self.parts.append(text(middle, self.plot_bottom + 37, label, 12, "middle", MUTED))

    def drawn(self):
        return "\n".join(self.parts)


# ---- bars ----


def nice_step(top):
    """A step of 1, 2 or 5 times a power of ten that gives four to eight ticks."""
    power = 10 ** (ceil(log10(top)) - 1)
    for step in (power / 5, power / 2, power, power * 2):
        if top / step <= 7:
            return step
    return power * 5


def swatch(colour):
    return lambda x, y: rectangle(x - 7, y - 6, 14, 12, colour, 2)


def bars(panel, results, cells, figure, scale, label, format_value):
    """Two bars per contender, one per cell, on a linear axis from 0."""
    measured = [c for c in results.contenders() if any(results.get(c, cell, figure) for cell, _ in cells)]
    values = [results.get(c, cell, figure) or 0 for c in measured for cell, _ in cells]
    if not values:
        panel.parts.append(text(panel.plot_left, panel.plot_top + 20, "not measured", colour=MUTED))
        return
    step = nice_step(max(values) / scale)
    top = ceil(max(values) / scale / step) * step
    room = panel.plot_right - panel.plot_left - 44  # for the value behind the longest bar
    place = lambda value: panel.plot_left + value / scale / top * room
    count = round(top / step) + 1
    panel.axis([(place(i * step * scale), f"{i * step:g}") for i in range(count)], label)
    panel.legend([(swatch(colour), name) for (_, name), colour in zip(cells, (OTHERS, OTHERS_LIGHT))])
    for contender, y in panel.rows(measured).items():
        for i, (cell, _) in enumerate(cells):
            value = results.get(contender, cell, figure)
            if value is None:
                continue
            bar_y = y - 15 + i * 16
            panel.parts.append(rectangle(panel.plot_left, bar_y, place(value) - panel.plot_left, 14, colours(contender)[i], 2))
            panel.parts.append(text(place(value) + 6, bar_y + 11.5, format_value(value), 11.5))


# ---- waits ----

MARKS = [
    ("wait_p50_ns", "median", lambda x, y, c: dot(x, y, 4.5, c, hollow=True)),
    ("wait_p99_ns", "99 %", lambda x, y, c: dot(x, y, 3.5, c)),
    ("wait_p999_ns", "99.9 %", lambda x, y, c: diamond(x, y, 7, c)),
    ("wait_max_ns", "longest", lambda x, y, c: tick(x, y, 9, c)),
]


def waits(panel, results, cell):
    """Each contender's waits from median to longest, on a logarithmic axis."""
    measured = [c for c in results.contenders() if results.get(c, cell, "wait_max_ns") is not None]
    if not measured:
        panel.parts.append(text(panel.plot_left, panel.plot_top + 20, "not measured", colour=MUTED))
        return
    low, high = 1, ceil(log10(max(results.get(c, cell, "wait_max_ns") for c in measured)))
    decade = (panel.plot_right - panel.plot_left - 16) / (high - low)
    place = lambda ns: panel.plot_left + 8 + (log10(max(ns, 10)) - low) * decade
    # A name at every second line: more would touch each other.
    ticks = [(place(10**p), "" if (p - low) % 2 else duration(10**p)) for p in range(low, high + 1)]
    panel.axis(ticks, "wait for a session (logarithmic)")
    panel.legend([(lambda x, y, mark=mark: mark(x, y, MUTED), name) for _, name, mark in MARKS])
    columns = [(panel.plot_right + 74, "pairs/s"), (panel.plot_right + 142, "fairness")]
    for x, head in columns:
        panel.parts.append(text(x, panel.plot_top - 8, head, 12, "end", MUTED))
    for contender, y in panel.rows(measured).items():
        colour = colours(contender)[0]
        ends = [results.get(contender, cell, MARKS[i][0]) for i in (0, -1)]
        panel.parts.append(line(place(ends[0]), y, place(ends[1]), y, colour, 2))
        panel.parts += [mark(place(results.get(contender, cell, figure)), y, colour) for figure, _, mark in MARKS]
        shown = [rate(results.get(contender, cell, "pairs_per_s")), fairness(results.get(contender, cell, "fairness"))]
        for (x, _), value in zip(columns, shown):
            panel.parts.append(text(x, y + 4.5, value, 13, "end"))


# ---- the page ----


def panels(results):
    one = Panel(0, 0, "One thread: time of a get and release")
    bars(one, results, [("u1", "10 sessions"), ("big", "1,000 sessions")], "ns_per_pair", 1, "ns per pair", digits)
    more = Panel(1, 0, "More threads, a session for each: get and release per second")
    cells = [("c2", "2 threads, pinned"), ("c8", "8 threads")]
    bars(more, results, cells, "pairs_per_s", 1e6, "million pairs per second", lambda value: digits(value / 1e6))
    w16 = Panel(0, 1, "16 threads, 4 sessions, each held for 5 µs of work", right=146)
    waits(w16, results, "w16x4")
    w64 = Panel(1, 1, "64 threads, 2 sessions, each held for 50 µs of sleep", right=146)
    waits(w64, results, "w64x2")
    return [one, more, w16, w64]


def picture(results, machine):
    note = (
        "Fairness: most pairs of any thread divided by the fewest; 1 is best. Where threads overtake, the median is that of "
        "the lucky ones: look at the longest wait."
    )
    body = [
        rectangle(0, 0, WIDTH, HEIGHT, "#ffffff"),
        text(MARGIN, 44, "Session pools compared: what the pool itself costs", 22, weight="bold"),
        text(MARGIN, 66, f"Sessions that do nothing. {machine}", 13, colour=MUTED),
        *(panel.drawn() for panel in panels(results)),
        text(MARGIN, HEIGHT - 18, note, 12, colour=MUTED),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="system-ui, -apple-system, \'Segoe UI\', \'DejaVu Sans\', Helvetica, Arial, sans-serif" role="img" '
        'aria-label="Benchmark results of session pools">'
    )
    return "\n".join([head, *body, "</svg>"]) + "\n"
