"""The pages that show each component: what it takes, what it is for, an example, and what that does to a real slice.

`python -m bundlert.reports.gallery docs/gallery` keeps the pages up to date; with a folder of data behind it (see
`gallery_samples`) the pictures are drawn anew, too, or those of the components that are named then.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bundlert.config.introspection.docstring import parse_docstring
from bundlert.config.introspection.signatures import place_of, signature_of
from bundlert.files import write_text
from bundlert.registry.index import COMPONENTS, Component
from bundlert.reports.gallery_examples import Example, examples
from bundlert.reports.gallery_pictures import SUFFIX, panels_of, strip, write_strip
from bundlert.reports.gallery_samples import CREDITS, samples_of

INDEX = "README.md"
PICTURES = "pictures"
_WIDTH = 100
_TRANSFORMS = "transforms"
_WITH_HISTOGRAMS = "transforms-intensity"
_NOTE = "This page is generated: `python -m bundlert.reports.gallery docs/gallery`.\n"
_HEAD = """# Gallery

What each component does, with an example that a test builds and, of a transform that changes images, runs: that made
the picture. Slices have their first axis to the right and the second upwards; those of a picture are shown at one
scale: of pixels where all have as many, else of mm. Steps with chance are shown with seed 0 and seed 8. Below slices
stands how often each value is, in logarithmic steps.

"""


def pages() -> dict[str, str]:
    """The text of each page by its file name."""
    rooms = {room: list(some) for room, some in groupby(sorted(COMPONENTS, key=_room), key=_room)}
    rows = [f"- [{_heading(room)}]({room}.md): {len(some)}\n" for room, some in rooms.items()]
    index = f"{_HEAD}{''.join(rows)}\n## Whose slices these are\n\n" + "\n".join(CREDITS) + f"\n\n{_NOTE}"
    return {INDEX: index, **{f"{room}.md": _page(room, some) for room, some in rooms.items()}}


def picture_of(example: Example) -> str | None:
    """Where the picture of an example lies, from the pages' folder; None where it has none."""
    return f"{PICTURES}/{example.name}{SUFFIX}" if example.sample else None


def draw(folder: Path, data: Path, names: Sequence[str] = ()) -> None:
    """Draw the pictures of the examples named, of all if none are, into a folder of pages.

    Raises:
        DataError: A file of the data isn't there.
    """
    samples, known = samples_of(data), examples()
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    rooms = {component.name: _room(component) for component in COMPONENTS}
    for example in map(known.__getitem__, names or known):
        file = picture_of(example)
        if file is not None:
            figure = strip(panels_of(example, samples), histograms=rooms[example.name] == _WITH_HISTOGRAMS)
            write_strip(figure, folder / file)


def _room(component: Component) -> str:
    """The page of a component: of transforms the room in their room, of others their room."""
    first, *rest = component.module.split(".")[1:-1]
    return "-".join([first, *rest]) if first == _TRANSFORMS else first


def _heading(room: str) -> str:
    first, dash, rest = room.partition("-")
    return f"{first.capitalize()}{f': {rest}' if dash else ''}"


def _page(room: str, some: Sequence[Component]) -> str:
    body = map(_section, some) if room.startswith(_TRANSFORMS) else [*_table(some)]
    return f"# {_heading(room)}\n\n[All components](README.md). {_NOTE}\n" + "\n".join(body)


def _section(component: Component) -> str:
    example = examples().get(component.name)
    lines = [f"## {component.name}\n", _about(component), f"\n```python\n{_signature(component)}\n```\n"]
    if example is not None:
        lines.append(f"```yaml\n{example.config}```\n")
        file = picture_of(example)
        lines += [f"![{component.name} on a slice: before and after]({file})\n"] if file else []
    return "\n".join(lines)


def _table(some: Sequence[Component]) -> Iterator[str]:
    yield "| component | what it is | arguments | example |\n|---|---|---|---|"
    for component in some:
        example = examples().get(component.name)
        signature = signature_of(component)
        arguments = ", ".join(f"`{one.name}`" for one in signature.parameters) if signature else ""
        shown = f"`{example.in_line}`" if example else ""
        yield "| " + " | ".join(map(_cell, (f"`{component.name}`", _about(component), arguments, shown))) + " |"
    yield ""


def _about(component: Component) -> str:
    """The first paragraph of the docstring."""
    place = place_of(component)
    return parse_docstring(place.doc).text.partition("\n\n")[0] if place else component.summary


def _signature(component: Component) -> str:
    signature = signature_of(component)
    parts = (
        [f"{one.name}={one.default}" if one.default else one.name for one in signature.parameters] if signature else []
    )
    return textwrap.fill(f"{component.name}({', '.join(parts)})", _WIDTH, subsequent_indent=" " * 4)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(words: Sequence[str]) -> None:
    """Write the pages into a folder; with a second word, the folder of the data, pictures too: all, or those named."""
    folder = Path(words[0])
    for name, text in pages().items():
        write_text(folder / name, text)
    if words[1:]:
        draw(folder, Path(words[1]), words[2:])


if __name__ == "__main__":
    main(sys.argv[1:])
