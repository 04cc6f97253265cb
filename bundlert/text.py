"""Words for people (nearest names, sizes, durations, lists), which names hide a secret, and JSON for programs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

_MINUTE_S, _HOUR_S = 60, 3600
_SECRET = re.compile(r"TOKEN|KEY|SECRET|PASS|CRED|AUTH|COOKIE|PRIVATE|SESSION|PROXY|DSN|_UR[IL]|^AWS_", re.IGNORECASE)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None."""
    known = list(known)
    folded = {candidate.casefold(): candidate for candidate in known}
    if name.casefold() in folded:
        return folded[name.casefold()]
    matches = get_close_matches(name, known, n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """`did you mean 'x'?`, or None where nothing is near."""
    guess = nearest(name, known)
    return f"did you mean '{guess}'?" if guess else None


def human_size(size_bytes: float) -> str:
    """A size as people write it: `3.4 MB`."""
    for unit, digits in (("B", 0), ("kB", 1), ("MB", 1), ("GB", 1)):
        if round(size_bytes, digits) < 1000:
            return f"{size_bytes:.{digits}f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


def human_time(time_s: float) -> str:
    """A duration as people write it: `42 s`, `3 min 05 s`, `2 h 10 min`."""
    if round(time_s, 1) < 10:
        return f"{time_s:.1f} s"
    whole = round(time_s)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S:02d} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02d} min"


def listed(names: Iterable[str], *, most: int = 12) -> str:
    """Names in a row, cut after `most`: `a, b, c and 7 more`."""
    names = list(names)
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def chained(names: Iterable[str], *, most: int = 12) -> str:
    """Names that lead to each other, the middle of a long chain left out: `a -> b -> ... 96 more ... -> y -> z`."""
    names = list(names)
    if len(names) > most:
        names = [*names[: most // 2], f"... {len(names) - 2 * (most // 2)} more ...", *names[-(most // 2) :]]
    return " -> ".join(names)


def may_be_secret(name: str) -> bool:
    """Whether what is called so, a variable of the environment or a value of a config, may be nobody's business."""
    return _SECRET.search(name) is not None


def to_json(value: Any, *, indent: int | None = None) -> str:
    """JSON text. NaN and infinity, which JSON doesn't know, become null; an object that is no plain value its words."""
    return json.dumps(_finite(value), indent=indent, default=str, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(kid) for key, kid in value.items()}
    return [_finite(kid) for kid in value] if isinstance(value, list | tuple) else value
