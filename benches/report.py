"""The table as text or as Markdown."""
from measure import busy, seconds


def mib(size):
    return f"{size / 2**20:.0f} MiB"


class Report:
    """Collects what was measured. A goal is a pair: what must be, and what is aimed at."""

    HEAD = ("work", "outputs", "what", "measured", "seconds", "processor seconds", "must be", "aim", "")
    LINE_HEAD = ("Dev, images", "outputs", "seconds", "µs an image", "images a second", "peak memory")

    def __init__(self, about):
        self.about = about
        self.rows, self.lines, self.checks = [], [], []
        self.all_checked = True

    def ratio(self, work, place, what, ratio, times, **goal):
        pairs = (" / ".join(f"{of(runs):.3f}" for runs in times) for of in (seconds, busy))
        self.rows.append((work, place, what, str(ratio), *pairs, *(verdict(ratio.value, "{:g}", **goal) if goal else ("", "", ""))))

    def factor(self, work, place, what, value, detail, **goal):
        self.rows.append((work, place, what, f"{value:.2f} = {detail}", "", "", *verdict(value, "{:g}", **goal)))

    def time(self, work, place, value, **goal):
        self.rows.append((work, place, "whole process", f"{1000 * value:.1f} ms", f"{value:.4f}", "", *verdict(value, "{:g} s", **goal)))

    def memory(self, work, place, size, **goal):
        self.rows.append((work, place, "peak memory", mib(size), "", "", *verdict(size / 2**20, "{:g} MiB", **goal)))

    def plain(self, work, place, what, value):
        self.rows.append((work, place, what, value, "", "", "", "", ""))

    def line(self, images, place, time, size):
        cells = (f"{images:,}", place, f"{time:.3f}", f"{1e6 * time / images:.2f}", f"{images / time:,.0f}", mib(size))
        self.lines.append(cells)

    def check(self, text, is_right):
        self.checks.append(text)
        self.all_checked &= is_right

    def text(self):
        tables = [columns([self.HEAD, *self.rows])]
        if self.lines:
            tables.append(columns([self.LINE_HEAD, *self.lines]))
        return "\n\n".join(["\n".join(self.about), *tables, "\n".join(self.checks)])

    def markdown(self):
        tables = [table([self.HEAD, *self.rows])]
        if self.lines:
            tables.append(table([self.LINE_HEAD, *self.lines]))
        listed = ("\n".join(f"- {line}" for line in lines) for lines in (self.about, self.checks))
        about, checks = listed
        return "\n\n".join([about, *tables, checks])


def verdict(value, unit, at_most=None, at_least=None):
    sign, (must, aim) = ("≤", at_most) if at_most else ("≥", at_least)
    reached = [value <= goal if at_most else value >= goal for goal in (must, aim)]
    word = "aim" if reached[1] else "ok" if reached[0] else "MISSED"
    return f"{sign} {unit.format(must)}", f"{sign} {unit.format(aim)}", word


def columns(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def table(rows):
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])
