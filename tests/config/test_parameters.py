from bundlert.config.load import load
from bundlert.config.parameters import Setting, settings_of

TEXT = """_include_: more.yaml
epochs: 2      # how often
image: ???
loss: {_target_: DiceLoss, _desc_: what is minimised}
handlers: [{_target_: A}, {_target_: B}]
sizes: {small: 1, large: 2}
keys: [image, label]
run: ['@epochs']
_mine_: 1
"""


def test_settings_are_told_with_defaults_and_descriptions_own_ones_first(tmp_path):
    (tmp_path / "more.yaml").write_text("# of the machine\ndevice: $'cpu'\n")
    file = tmp_path / "c.yaml"
    file.write_text(TEXT)
    assert settings_of(load(file), str(file)) == [
        Setting("epochs", "2", "how often", is_part=False),
        Setting("image", "(must be given)", "", is_part=False),
        Setting("loss", "DiceLoss", "what is minimised", is_part=True),
        Setting("handlers", "a list of 2", "", is_part=True),
        Setting("sizes", "small, large", "", is_part=True),
        Setting("keys", "[image, label]", "", is_part=False),
        Setting("device", "$'cpu'", "of the machine", is_part=False),
    ]
