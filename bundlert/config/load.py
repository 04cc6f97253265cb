"""Config files to trees: YAML or JSON by suffix, with the files that they include."""

from __future__ import annotations

from io import StringIO
from pathlib import Path as File

from bundlert.config.collector import paused
from bundlert.config.confined import checked
from bundlert.config.json_text import read_json
from bundlert.config.merge import layer
from bundlert.config.tree import Node
from bundlert.config.yaml_text import read_yaml
from bundlert.errors import ConfigError, Mark, PolicyError
from bundlert.files import content_of, resolved
from bundlert.text import chained, did_you_mean, human_size

READERS = {".json": read_json, ".yaml": read_yaml, ".yml": read_yaml}
INCLUDE = "_include_"
MAX_FILES = 200
MAX_BYTES = 50_000_000


def load(file: File, *, asked_at: Mark | None = None, asked_by: str | None = None) -> Node:
    """The tree of one file with its includes merged underneath, nothing resolved.

    Args:
        file: A `.yaml`, `.yml` or `.json` file.
        asked_at: Where the file is named, if in a config.
        asked_by: The config id that names it.

    Raises:
        ConfigError: The file is missing, isn't text, isn't valid, or holds no mapping.
    """
    return _Loading().load(file, asked_at, asked_by)


class _Loading:
    """One loading: the files that are being read, each included by the one before, and how many there were."""

    def __init__(self) -> None:
        self._open: dict[File, File] = {}
        self._count = 0

    def load(self, file: File, asked_at: Mark | None, asked_by: str | None) -> Node:
        try:
            same = resolved(checked(file))
        except PolicyError as error:
            error.at, error.path = asked_at, asked_by
            raise
        if same in self._open:
            files = [*self._open.values(), file]
            circle = chained(str(one) for one in files[list(self._open).index(same) :])
            raise ConfigError("files include each other in a circle", at=asked_at, path=asked_by, got=circle)
        self._count += 1
        if self._count > MAX_FILES:
            raise ConfigError(f"more than {MAX_FILES} files are included", at=asked_at, path=asked_by)
        tree = parse(_text(file, asked_at, asked_by), str(file))
        self._open[same] = file
        base = Node({}, tree.mark)
        for index, name in enumerate(_included(tree)):
            place = file.parent / name.value
            layer(base, self.load(place, name.mark, f"{INCLUDE}::{index}"))
        del self._open[same]
        layer(base, tree)
        return base


def _included(tree: Node) -> list[Node]:
    """The names of the files that a tree includes; taken out of it."""
    included = tree.value.pop(INCLUDE, None)
    if included is None:
        return []
    names: list[Node] = included.value if isinstance(included.value, list) else [included]
    for name in names:
        if not isinstance(name.value, str):
            raise ConfigError(f"'{INCLUDE}' takes the names of files", at=name.mark, path=INCLUDE)
    return names


def parse(text: str, file: str) -> Node:
    """The tree of a config's text; the suffix of `file` tells the format."""
    suffix = File(file).suffix.lower()
    if suffix not in READERS:
        raise ConfigError(
            f"'{file}' isn't a config file", at=Mark(file), expected=f"a name ending in {', '.join(READERS)}"
        )
    with paused():
        tree = READERS[suffix](text, file)
    if tree.value is None:
        tree.value = {}
    if not isinstance(tree.value, dict):
        raise ConfigError("a config is a mapping of keys to values", at=tree.mark, got=f"a {type(tree.value).__name__}")
    return tree


def _text(file: File, asked_at: Mark | None, asked_by: str | None) -> str:
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe would be waited for, a device never ends
            raise ConfigError(f"'{file}' isn't a file", at=asked_at, path=asked_by)
        if file.is_file() and file.stat().st_size > MAX_BYTES:
            raise ConfigError(f"'{file}' is larger than {human_size(MAX_BYTES)}", at=asked_at, path=asked_by)
        return StringIO(content_of(file).decode("utf-8-sig"), newline=None).read()  # with one kind of line ends
    except (FileNotFoundError, NotADirectoryError):
        beside = [one.name for one in file.parent.iterdir() if one.suffix in READERS] if file.parent.is_dir() else []
        raise ConfigError(
            f"there is no file '{file}'", at=asked_at, path=asked_by, hint=did_you_mean(file.name, beside)
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"'{file}' isn't UTF-8 text: {error.reason} at byte {error.start}", at=Mark(str(file))
        ) from None
    except OSError as error:
        raise ConfigError(f"can't read '{file}': {error.strerror}", at=asked_at, path=asked_by) from None
