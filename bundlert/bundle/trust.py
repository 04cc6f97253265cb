"""Two levels, set by the user only: sealed, where no code of a bundle runs, and trusted, by consent to its digest."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from bundlert.config.load import READERS
from bundlert.errors import PolicyError
from bundlert.files import atomic, is_below, resolved, sha256
from bundlert.places import private, user_folder
from bundlert.text import listed

FILE = "trust.json"
CODE = (".py", ".pyc", ".pyd", ".so", ".dll", ".dylib", ".ts")
# What can't hold code or configs; everything else counts for the digest.
DATA = (
    *(".safetensors", ".nii", ".nii.gz", ".dcm", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".svs"),
    *(".md", ".txt", ".csv", ".jsonl", ".html", ".svg"),
)


class Level(NamedTuple):
    """How much a bundle may do.

    Attributes:
        trusted: Whether its code may run.
        words: What is shown on every run.
        digest: The digest that the user agreed to.
        files: The digest of each file that may be run, or configure the run.
    """

    trusted: bool
    words: str
    digest: str | None = None
    files: Mapping[str, str] = MappingProxyType({})


SEALED = Level(trusted=False, words="sealed: no code of the bundle runs")


class Consent(NamedTuple):
    """What a user agreed to.

    Attributes:
        digest: Of the whole bundle.
        files: The digest of each file that counted.
        since: When.
    """

    digest: str
    files: dict[str, str]
    since: str


def level_of(root: Path, *, once: bool = False) -> Level:
    """The level that the user set for a bundle: now (`once`), or before, for just these files.

    Raises:
        PolicyError: A file was changed since.
    """
    if once:
        words = "trusted: code of the bundle may run (--trust, this once)"
        return Level(trusted=True, words=words, files=_loadable(root))
    known = consents().get(str(resolved(root)))
    if known is None:
        return SEALED
    found = _files(root)
    digest = _digest(found)
    if digest != known.digest:
        changed = [name for name in sorted({*found, *known.files}) if found.get(name) != known.files.get(name)]
        raise PolicyError(
            f"'{root}' isn't what you trusted: {listed(changed, most=5)} changed",
            got=digest,
            expected=f"{known.digest} (since {known.since})",
            hint=f"look at it, then `bundlert trust {root}`; or run sealed after `bundlert trust --forget {root}`",
        )
    words = f"trusted: code of the bundle may run (since {known.since})"
    return Level(trusted=True, words=words, digest=digest, files=found)


def code_of(root: Path) -> list[str]:
    """The names of the files in a bundle that hold code."""
    return [name for name, _ in _walk(root) if name.lower().endswith(CODE)]


def trust(root: Path) -> Consent:
    """Remember that the user agrees to what a bundle holds now."""
    files = _files(root)
    consent = Consent(_digest(files), files, time.strftime("%Y-%m-%d"))
    _write({**consents(), str(resolved(root)): consent})
    return consent


def forget(root: Path) -> None:
    """Take the consent back.

    Raises:
        PolicyError: There was none.
    """
    known = consents()
    if known.pop(str(resolved(root)), None) is None:
        raise PolicyError(f"'{root}' isn't trusted", got=f"trusted: {listed(known) or 'nothing'}")
    _write(known)


def consents() -> dict[str, Consent]:
    """What the user agreed to, by the bundle's whole path.

    Raises:
        PolicyError: The list is damaged; nothing is taken for trusted then.
    """
    file = user_folder() / FILE
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        return {path: Consent(**one) for path, one in facts.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise PolicyError(f"'{file}' is damaged", got=str(error), hint="remove it, and trust anew") from None


def _write(known: dict[str, Consent]) -> None:
    facts: dict[str, Any] = {path: one._asdict() for path, one in sorted(known.items())}
    with atomic(private(user_folder()) / FILE) as temporary:
        temporary.touch(0o600)
        temporary.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _files(root: Path) -> dict[str, str]:
    """The digest of each file that can hold code or configs.

    Raises:
        PolicyError: A link leads out of the bundle; what is there could change unseen.
    """
    found: dict[str, str] = {}
    for name, file in _walk(root):
        if file.is_symlink() and not is_below(resolved(file), [root]):
            raise PolicyError(f"'{file}' is a link out of the bundle", got=str(file.readlink()))
        if file.is_dir():
            found[name] = f"link to {file.readlink()}"
        elif file.is_file() and not name.lower().endswith(DATA):
            found[name] = sha256(file)
    return found


def _loadable(root: Path) -> dict[str, str]:
    """The digest of each file that is imported, or read as a config."""
    suffixes = (".py", *READERS)
    return {name: sha256(file) for name, file in _walk(root) if name.lower().endswith(suffixes) and file.is_file()}


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file, and every link to a folder, by its name below the root."""
    for folder, inner, names in os.walk(root):
        place = Path(folder)
        inner.sort()
        for name in sorted([*names, *(one for one in inner if (place / one).is_symlink())]):
            yield (place / name).relative_to(root).as_posix(), place / name


def _digest(files: dict[str, str]) -> str:
    lines = (f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
