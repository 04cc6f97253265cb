import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml

from bundlert.config.introspection.docstring import parse_docstring
from bundlert.config.introspection.signatures import place_of, signature_of
from bundlert.config.schema import main, schema_of, schema_text
from bundlert.registry.index import COMPONENTS, Component
from bundlert.registry.registry import Registry, standard

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "schemas" / "config.schema.json"
UNET = {
    "_target_": "UNet",
    "spatial_dims": 3,
    "in_channels": 1,
    "out_channels": 2,
    "channels": [8, 16],
    "strides": [2],
}


@cache
def validator():
    return jsonschema.Draft7Validator(json.loads(SHIPPED.read_text(encoding="utf-8")))


def faults(config):
    """Each fault as (place, words)."""
    return [("::".join(map(str, error.absolute_path)), error.message) for error in validator().iter_errors(config)]


def without(config, *keys):
    return {key: value for key, value in config.items() if key not in keys}


def test_the_shipped_schema_is_that_of_today():
    assert SHIPPED.read_text(encoding="utf-8") == schema_text(standard()), (
        "stale: run `python -m bundlert.config.schema schemas/config.schema.json`"
    )


@pytest.mark.parametrize(
    "file", sorted((ROOT / "bundles").glob("*/configs/*.yaml")), ids=lambda file: f"{file.parts[-3]}-{file.stem}"
)
def test_every_shipped_config_is_valid(file):
    assert faults(yaml.safe_load(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"_include_": "base.yaml"},
        {"_include_": ["a.yaml", "b.yaml"], "+list": [1]},
        {"a": [1, {"b": None, "c": "$@a", "_desc_": "words"}], "x::y::0": {"_target_": "UNet", "_mode_": "callable"}},
        {"net": UNET},
        {"net": {**UNET, "channels": "@sizes", "strides": "%other.yaml::strides", "dropout": "$1/2"}},
        {"net": {**UNET, "channels": ["@a", 16], "bias": "???", "dropout": 0}},
        {"net": {**UNET, "out_channels": {"_target_": "registry.toy.Number"}}},
        {"net": {**UNET, "_desc_": "a net", "_disabled_": "$not @on", "_requires_": ["@a"]}},
        {"net": {"_target_": "UNet", "_args_": [3, 1, 2, [8, 16], [2]]}},
        {"net": {**UNET, "_target_": "monai.networks.nets.unet.UNet", "whatever": 3}},
        {"step": {"_target_": "Spacingd", "keys": "image", "pixdim": 1}},
        {"step": {"_target_": "LoadImage", "keys": ["image", "label"]}},
        {"trainer": {"_target_": "SupervisedTrainer", "network": "@n", "optimizer": "@o", "loss_function": "@l",
                     "train_data_loader": "@d", "max_epochs": 3}},
        {"a": {"_target_": "torch.optim.Adam", "params": "$@net.parameters()", "lr": 1e-3}},
        {"a": {"_target_": "torch.device", "type": "cpu"}, "b": {"_target_": "dict", "x": [1]}},
        {"a": {"_target_": "$@b"}, "c": {"_target_": "my.own.Thing", "deep": [{"net": UNET}]}},
    ],
)  # fmt: skip
def test_what_may_be_written_is_valid(config):
    assert faults(config) == []


@pytest.mark.parametrize(
    ("net", "place", "words"),
    [
        ({**UNET, "chanels": [8]}, "net", "'chanels' was unexpected"),
        ({**UNET, "_target_": "UNett"}, "net::_target_", "'UNett' is not valid under any of the given schemas"),
        ({**UNET, "_target_": "Composed"}, "net::_target_", "'Composed' is not valid"),
        ({**UNET, "_target_": 3}, "net::_target_", "3 is not valid"),
        ({**UNET, "spatial_dims": "three"}, "net::spatial_dims", "'three' is not of type 'integer'"),
        ({**UNET, "spatial_dims": 2.5}, "net::spatial_dims", "2.5 is not of type 'integer'"),
        ({**UNET, "dropout": [0.5]}, "net::dropout", "[0.5] is not of type 'number'"),
        ({**UNET, "channels": [8, "many"]}, "net::channels::1", "'many' is not of type 'integer'"),
        ({**UNET, "channels": 8}, "net::channels", "8 is not of type 'array'"),
        ({**UNET, "bias": "yes"}, "net::bias", "'yes' is not one of [True, False, 0, 1]"),
        ({**UNET, "_mode_": "callabel"}, "net::_mode_", "'callabel' is not valid"),
        ({**UNET, "_desc_": 3}, "net::_desc_", "3 is not of type 'string'"),
        (without(UNET, "strides"), "net", "'strides' is a required property"),
        ({**UNET, "_target_": "monai.networks.nets.UNet", "chanels": [8]}, "net", "'chanels' was unexpected"),
    ],
)
def test_a_mistake_is_found_where_it_is(net, place, words):
    for config, before in (({"net": net}, ""), ({"a": [{"b": {"net": net}}]}, "a::0::b::")):
        ((where, message),) = faults(config)
        assert where == before + place
        assert words in message


def test_a_mistake_within_an_argument_is_found_too():
    inner = {"_target_": "SpatialPad", "keys": "image", "spatial_sise": [1]}
    outer = {"_target_": "Compose", "transforms": [inner]}
    assert [place for place, _ in faults({"chain": outer})] == ["chain::transforms::0"] * 2  # misspelt, and so missing


def test_a_required_argument_may_have_the_fields_name():
    trainer = {"_target_": "Trainer", "network": "@n", "optimizer": "@o", "max_epochs": 3, "loss": "@l"}
    ((place, message),) = faults({"t": trainer})
    assert place == "t"
    assert message.endswith("is not valid under any of the given schemas")


def test_each_component_is_offered_with_words():
    schema = schema_of(standard())
    offered = {
        one["const"]: one["description"]
        for one in schema["definitions"]["component"]["properties"]["_target_"]["anyOf"]
        if "const" in one
    }
    assert offered == {one.name: f"{one.kind}: {one.summary}" for one in COMPONENTS}
    for one in COMPONENTS:
        call = schema["definitions"][f"component {one.name}"]
        assert call["description"]
        words = parse_docstring(place_of(one).doc).arguments
        for name, told in words.items():
            if name not in call["properties"]:  # it stands for any others
                assert signature_of(one).open
                continue
            assert call["properties"][name]["description"].startswith(told)


def test_defaults_are_told():
    properties = schema_of(standard())["definitions"]["component UNet"]["properties"]
    assert (properties["kernel_size"]["default"], properties["norm"]["default"]) == (3, "INSTANCE")
    assert "default" not in properties["channels"]


def test_what_cannot_be_read_takes_anything():
    schema = schema_of(Registry([Component("toy", "Made", "nowhere.at_all", "made at run time")]))
    call = schema["definitions"]["component Made"]
    assert call == {"description": "made at run time", "additionalProperties": {"$ref": "#/definitions/node"}}


def test_a_plugins_components_are_not_the_fields():
    schema = schema_of(Registry([Component("transform", "Sharpen", "sharp", "")]))
    assert "Sharpend" not in json.dumps(schema)


def test_it_is_written_to_a_file(tmp_path):
    main([str(tmp_path / "mine.json")])
    assert (tmp_path / "mine.json").read_text(encoding="utf-8") == schema_text(standard())


def test_writing_it_imports_no_component(tmp_path):
    code = (
        "import sys, runpy\nsys.argv[1:] = ['out.json']\nrunpy.run_module('bundlert.config.schema', {}, '__main__')\n"
        "print(*{'torch', 'numpy', 'jsonschema'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == schema_text(standard())
