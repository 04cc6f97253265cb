"""A tiny bundle on disk, for tests that need one and no network."""

import json

METADATA = {
    "name": "toy",
    "version": "1.2.3",
    "description": "Adds numbers.",
    "task": "arithmetic",
    "authors": "the bundlert authors",
    "copyright": "the bundlert authors",
    "intended_use": "tests",
    "network_data_format": {
        "inputs": {"image": {"type": "image", "num_channels": 1, "spatial_shape": [32, 32], "dtype": "float32"}},
        "outputs": {"pred": {"type": "image", "num_channels": 2, "spatial_shape": [32, 32], "dtype": "float32"}},
    },
}
SUM = "a: 1\nb: 2\nrun: ['$@a + @b']\n"


def make_bundle(folder, *, metadata=METADATA, metadata_in_configs=False, **configs):
    """Write a bundle; each keyword is the text of a config of that name."""
    (folder / "configs").mkdir(parents=True)
    place = folder / "configs" if metadata_in_configs else folder
    (place / "metadata.json").write_text(json.dumps(metadata, indent=2))
    for name, text in (configs or {"sum": SUM}).items():
        (folder / "configs" / f"{name}.yaml").write_text(text)
    return folder
