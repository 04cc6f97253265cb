"""The one family of errors that a user meets: what is wrong, where, what was met, and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """A place that a person can open: a file with line and column (from 1), or the words of a command line."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class BundlertError(Exception):
    """A mistake that the user can mend. The fields stay readable; `str()` makes the text.

    Args:
        what: What is wrong, the offending name in 'quotes'.
        at: Where the user can change it.
        path: The config id there, as `network::channels`.
        got: The value or shape that was met.
        expected: The rule, or the known names.
        hint: What to do; often the nearest known name.
        rule: The kind of mistake in a few words, `unknown-target`, for programs that collect them.
    """

    def __init__(
        self,
        what: str,
        *,
        at: Mark | None = None,
        path: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.at = at
        self.path = path
        self.got = got
        self.expected = expected
        self.hint = hint
        self.rule = rule

    def __str__(self) -> str:
        lines = [self.what]
        place = " ".join(part for part in (str(self.at or ""), f"({self.path})" if self.path else "") if part)
        for name, text in (("at", place), ("got", self.got), ("expected", self.expected), ("try", self.hint)):
            if text:
                lines.append(f"  {name}: {text}")
        return "\n".join(lines)


class ConfigError(BundlertError):
    """A config that can't be read, resolved or built."""


class PolicyError(ConfigError):
    """What a bundle asks for and the user, or the policy of the site, doesn't allow it."""


class ComponentError(BundlertError):
    """A component that isn't known, or that can't take its arguments."""


class TrustError(ComponentError, PolicyError):
    """A component that only trust would allow."""


class BundleError(BundlertError):
    """A bundle whose files or metadata are wrong."""


class DataError(BundlertError):
    """An image or data list that can't be read or used."""


class WeightsError(BundlertError):
    """Weights that can't be read, or that belong to another network."""


class Problems(BundlertError):  # noqa: N818 (it is a list of errors)
    """Several mistakes, told at once."""

    def __init__(self, problems: list[BundlertError]) -> None:
        super().__init__(f"{len(problems)} mistakes")
        self.problems = problems

    def __str__(self) -> str:
        return "\n\n".join(f"{type(problem).__name__}: {problem}" for problem in self.problems)
