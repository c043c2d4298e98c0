"""A chart as a still picture (SVG), drawn by the server: for readers without scripts, and for paper.

It draws what the charts here use of Plotly's language: lines, marks, areas, bars, straight lines, words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT, FOOT = 960.0, 352.0, 44.0
DASHES = {"dot": "2 4", "dash": "9 4", "dashdot": "9 3 2 3"}
ANCHORS = {"left": "start", "right": "end", "center": "middle"}
MOST_NAMES = 9
RADIUS = 4.0
Spec = dict[str, Any]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Paper:
    """The part of the picture in which values stand."""

    left: float
    right: float
    top: float
    foot: float
    across: Sequence[float]
    upward: Sequence[float]

    def x(self, value: float) -> float:
        """Where a value stands from the left."""
        first, last = self.across
        return round(self.left + (value - first) / ((last - first) or 1) * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        """Where a value stands from above; what is higher than the picture stands at its edge."""
        first, last = self.upward
        share = (min(value, last) - first) / ((last - first) or 1)
        return round(self.foot - share * (self.foot - self.top), 1)


def still(spec: Spec) -> Markup:
    """Draw a chart; its words are those of the chart itself."""
    layout = spec["layout"]
    margin, across = layout["margin"], layout["xaxis"]
    paper = Paper(
        margin["l"],
        WIDTH - margin["r"],
        margin["t"],
        HEIGHT - margin["b"] - FOOT,
        across.get("range") or _reach(spec),
        layout["yaxis"]["range"],
    )
    parts = [*_grid(layout, paper), *_traces(spec["data"], paper)]
    parts += [_straight(shape, paper) for shape in layout["shapes"]]
    parts += [_note(note, paper) for note in layout["annotations"]]
    return Markup(
        '<svg class="still" viewBox="0 0 {} {}" direction="ltr" font-size="13" aria-hidden="true">{}</svg>'
    ).format(int(WIDTH), int(HEIGHT), Markup("").join(parts))


def _reach(spec: Spec) -> list[float]:
    """The horizontal range of a chart that names none: its bars, with half a place at each end."""
    places = [place for trace in spec["data"] for place in trace["x"] if place is not None]
    return [min(places, default=0.0) - 0.5, max(places, default=1.0) + 0.5]


def _grid(layout: Spec, paper: Paper) -> Iterator[Markup]:
    """The lines of the values with their words, and the names under the places that have room."""
    up, across = layout["yaxis"], layout["xaxis"]
    is_right = up["side"] == "right"
    for value, words in zip(up["tickvals"], up["ticktext"], strict=True):
        y = paper.y(value)
        yield _line(paper.left, y, paper.right, y, {"color": up.get("gridcolor", "--line"), "width": 1})
        at = (paper.right + 8, "start") if is_right else (paper.left - 8, "end")
        yield _text(at[0], y + 4, words, at[1])
    named = list(zip(across.get("tickvals", ()), across.get("ticktext", ()), strict=True))
    step = max(1, -(-len(named) // MOST_NAMES))
    for place, words in named[::step]:
        yield _text(paper.x(place), paper.foot + 20, words, "middle")
    if title := across.get("title"):
        yield _text((paper.left + paper.right) / 2, paper.foot + 40, title["text"], "middle")


def _traces(traces: Sequence[Spec], paper: Paper) -> Iterator[Markup]:
    before: list[Point] = []
    for trace in traces:
        if trace["type"] == "bar":
            yield from _bars(trace, paper)
            continue
        pieces = _pieces(trace, paper)
        whole = [point for piece in pieces for point in piece]
        fill = trace.get("fill")
        if fill in {"toself", "tonexty"}:
            outline = whole if fill == "toself" else [*whole, *reversed(before)]
            yield _area(trace, outline)
        before = whole
        if "lines" in trace.get("mode", "lines") and fill != "toself" and trace["line"].get("width"):
            for piece in pieces:
                yield _path(piece, trace["line"])
        if "markers" in trace.get("mode", ""):
            yield from _marks(trace, paper)


def _pieces(trace: Spec, paper: Paper) -> list[list[Point]]:
    """The points of a line in the picture, cut where there is no value; a step goes across, then up."""
    pieces: list[list[Point]] = [[]]
    for x, y in zip(trace["x"], trace["y"], strict=True):
        if x is None or y is None:
            pieces.append([])
            continue
        point = paper.x(x), paper.y(y)
        if trace.get("line", {}).get("shape") == "hv" and pieces[-1]:
            pieces[-1].append((point[0], pieces[-1][-1][1]))
        pieces[-1].append(point)
    return [piece for piece in pieces if piece]


def _bars(trace: Spec, paper: Paper) -> Iterator[Markup]:
    for x, y in zip(trace["x"], trace["y"], strict=True):
        left, right, top = paper.x(x - 0.42), paper.x(x + 0.42), paper.y(y or 0)
        yield Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
            left, top, round(right - left, 1), round(paper.foot - top, 1), _color(trace["marker"]["color"])
        )


def _marks(trace: Spec, paper: Paper) -> Iterator[Markup]:
    marker = trace["marker"]
    for place, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if x is None or y is None:
            continue
        shape, color = _of(marker.get("symbol", "circle"), place), _of(marker["color"], place)
        edge = _of(marker.get("line", {}).get("color", color), place)
        at, up, size = paper.x(x), paper.y(y), max(RADIUS, _of(marker.get("size", 8), place) / 2)
        corners = [(at, up - size), (at + size, up), (at, up + size), (at - size, up)]
        if shape == "square":
            corners = [
                (at + one * size, up + two * size) for one, two in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
        if shape in {"square", "diamond"}:
            yield Markup('<polygon points="{}" fill="{}" stroke="{}"/>').format(
                _points(corners), _color(color), _color(edge)
            )
        else:
            yield Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="2"/>').format(
                at, up, size, _color(color), _color(edge)
            )


def _area(trace: Spec, outline: list[Point]) -> Markup:
    """An area; a hatched one as its outline."""
    line, fill = trace["line"], trace.get("fillcolor", "none")
    stroke = _color(line["color"]) if line.get("width") else "none"
    return Markup('<polygon points="{}" fill="{}" stroke="{}" stroke-dasharray="3 3"/>').format(
        _points(outline), "none" if trace.get("fillpattern") else _color(fill), stroke
    )


def _path(points: list[Point], line: Spec) -> Markup:
    return Markup(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>'
    ).format(
        _points(points), _color(line["color"]), line.get("width", 2), DASHES.get(line.get("dash", ""), "none")
    )


def _straight(shape: Spec, paper: Paper) -> Markup:
    def x(value: float) -> float:
        is_paper = shape.get("xref") == "paper"
        return paper.left + value * (paper.right - paper.left) if is_paper else paper.x(value)

    def y(value: float) -> float:
        is_paper = shape.get("yref") == "paper"
        return paper.foot - value * (paper.foot - paper.top) if is_paper else paper.y(value)

    return _line(x(shape["x0"]), y(shape["y0"]), x(shape["x1"]), y(shape["y1"]), shape["line"])


def _line(x1: float, y1: float, x2: float, y2: float, line: Spec) -> Markup:
    return Markup(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>'
    ).format(
        x1, y1, x2, y2, _color(line["color"]), line.get("width", 1), DASHES.get(line.get("dash", ""), "none")
    )  # fmt: skip


def _note(note: Spec, paper: Paper) -> Markup:
    is_paper = note.get("xref") == "paper"
    x = paper.left + note["x"] * (paper.right - paper.left) if is_paper else paper.x(note["x"])
    if note.get("yref") == "paper":
        y = paper.foot - note["y"] * (paper.foot - paper.top) - 6
    else:
        y = paper.y(note["y"]) + 4
    color = note.get("font", {}).get("color", "--ink-2")
    anchor = ANCHORS.get(note.get("xanchor", "center"), "middle")
    return _text(x + note.get("xshift", 0), y - note.get("yshift", 0), note["text"], anchor, color)


def _text(x: float, y: float, words: str, anchor: str, color: str = "--ink-2") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}" fill="{}">{}</text>').format(
        round(x, 1), round(y, 1), anchor, _color(color), words
    )


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{round(x, 1)},{round(y, 1)}" for x, y in points)


def _color(name: str) -> str:
    return f"var({name})" if name.startswith("--") else name


def _of(value: Any, place: int) -> Any:
    """What holds at a place: one for all, or each its own."""
    return value[place] if isinstance(value, list) else value
