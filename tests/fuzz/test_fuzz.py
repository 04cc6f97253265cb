"""No text whatever makes the language raise anything but its own error, hang, or do anything."""

import warnings
from pathlib import Path

import pytest
from fuzz.texts import CONFIGS, EXPRESSIONS, OVERRIDES
from fuzz.tried import try_config, try_expression, try_override
from hypothesis import HealthCheck, given, settings
from security.watch import DEEDS, watched

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
FEW, MANY = 150, 3_000
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}


def harmless(function, text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with watched() as seen:
            function(text)
    assert [one for one in seen if one[0] in DEEDS and one[0] not in ("ctypes.dlopen", "os.putenv", "os.mkdir")] == []


@given(CONFIGS)
@settings(max_examples=FEW, **SETTINGS)
def test_a_config_is_built_or_refused(text):
    harmless(try_config, text)


@given(OVERRIDES)
@settings(max_examples=FEW, **SETTINGS)
def test_an_override_is_set_or_refused(text):
    harmless(try_override, text)


@given(EXPRESSIONS)
@settings(max_examples=FEW, **SETTINGS)
def test_an_expression_is_evaluated_or_refused(text):
    harmless(try_expression, text)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_what_was_found_once_is_found_no_more(file):
    text = file.read_bytes().decode("utf-8", errors="replace")
    for function in (try_config, try_override, try_expression):
        harmless(function, text)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("strategy", "function"), [(CONFIGS, try_config), (OVERRIDES, try_override), (EXPRESSIONS, try_expression)]
)
def test_the_same_for_longer(strategy, function):
    @given(strategy)
    @settings(max_examples=MANY, **SETTINGS)
    def long(text):
        harmless(function, text)

    long()
