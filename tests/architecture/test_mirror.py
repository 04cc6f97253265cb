from architecture.source import FILES, ROOT, short

TESTS = ROOT / "tests"

# Modules whose tests stand elsewhere -> where, because one cannot be tried without the other.
ELSEWHERE = {
    "cli/arguments": "cli/test_completion",  # they matter most where a shell asks for them
    "engines/handlers/checkpoint_saver": "engines/test_checkpoint",  # saved by the one, resumed by the other
    "engines/handlers/lr_schedule": "engines/handlers/test_handlers",  # all listen to one training
    "engines/handlers/preview": "engines/handlers/test_handlers",
    "engines/handlers/run_log": "engines/handlers/test_handlers",
    "engines/handlers/validation": "engines/handlers/test_handlers",
    "transforms/intensity/random_scale": "transforms/intensity/test_random_change",  # one formula each
    "transforms/intensity/random_shift": "transforms/intensity/test_random_change",
}


def modules():
    return [short(file).removesuffix(".py") for file in FILES if file.name != "__init__.py"]


def place_of(module):
    folder, slash, name = module.rpartition("/")
    return f"{folder}{slash}test_{name}"


def test_every_module_has_its_test_at_the_same_path():
    expected = {module: ELSEWHERE.get(module, place_of(module)) for module in modules()}
    assert [module for module, place in expected.items() if not (TESTS / f"{place}.py").is_file()] == []


def test_a_test_that_stands_elsewhere_names_what_it_tests():
    assert set(ELSEWHERE) <= set(modules())
    for module, place in ELSEWHERE.items():
        text = (TESTS / f"{place}.py").read_text(encoding="utf-8")
        door = "cli.process" if module.startswith("cli/") else f"bundlert.{module.replace('/', '.')}"
        assert f"from {door} import " in text, f"{place} doesn't use {module}"
