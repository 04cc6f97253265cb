import copy

from bundle.toy import METADATA, make_bundle

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.bundle.validate import problems_of
from bundlert.registry.registry import standard

UNET = "{_target_: UNet, spatial_dims: 2, in_channels: IN, out_channels: 2, channels: [4, 8], strides: [2]}"


def told(folder, entry="sum"):
    return [str(problem) for problem in problems_of(assemble(open_bundle(folder), entry), standard())]


def test_a_sound_bundle_has_no_problems(tmp_path):
    assert told(make_bundle(tmp_path / "toy")) == []


def test_all_mistakes_are_told_at_once(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="a: '@bb'\nb: {_target_: UNett}\nrun: ['$(']\n")
    assert [line.splitlines()[0] for line in told(folder)] == [
        "the reference '@bb' leads nowhere",
        "there is no component called 'UNett'",
        "not an expression: '(' was never closed",
    ]


def test_a_missing_key_of_the_metadata_is_told_with_the_misspelt_one(tmp_path):
    metadata = {("verion" if key == "version" else key): value for key, value in METADATA.items()}
    file = tmp_path / "toy" / "metadata.json"
    assert told(make_bundle(tmp_path / "toy", metadata=metadata)) == [
        f"metadata: 'version' is missing\n  at: {file}:1:1 (_meta_)\n  try: did you mean 'verion'?"
    ]


def test_a_wrong_value_in_the_metadata_is_told_with_its_line(tmp_path):
    metadata = copy.deepcopy(METADATA)
    metadata["network_data_format"]["inputs"]["image"]["num_channels"] = "one"
    (problem,) = told(make_bundle(tmp_path / "toy", metadata=metadata))
    place = tmp_path / "toy" / "metadata.json"
    assert problem.startswith("metadata: 'one' is not of type 'integer'")
    assert f"at: {place}:13:9 (_meta_::network_data_format::inputs::image::num_channels)" in problem


def test_a_network_must_have_the_channels_that_the_metadata_promises(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum=f"network: {UNET.replace('IN', '3')}\nrun: ['@network']\n")
    (problem,) = told(folder)
    assert problem.startswith("the network has in_channels 3, the metadata says 1")
    assert "(network::in_channels)" in problem


def test_a_promise_that_is_no_number_is_one_mistake(tmp_path):
    metadata = copy.deepcopy(METADATA)
    metadata["network_data_format"]["inputs"]["image"]["num_channels"] = "one"
    text = f"network: {UNET.replace('IN', '3')}\nrun: ['@network']\n"
    (problem,) = told(make_bundle(tmp_path / "toy", metadata=metadata, sum=text))
    assert problem.startswith("metadata: 'one' is not of type 'integer'")


def test_the_fields_name_of_the_network_is_known_too(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum=f"network_def: {UNET.replace('IN', '3')}\nrun: ['@network_def']\n")
    assert len(told(folder)) == 1
