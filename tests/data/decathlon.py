"""Makes small data sets in Decathlon layout, with empty files."""

import json


def make_dataset(folder, count=3, **changes):
    names = [f"case_{number}.nii.gz" for number in range(1, count + 1)]
    for kind in ("imagesTr", "labelsTr"):
        (folder / kind).mkdir(parents=True)
        for name in names:
            (folder / kind / name).touch()
    listing = {
        "labels": {"0": "background", "1": "spleen"},
        "numTraining": count,
        "training": [{"image": f"./imagesTr/{name}", "label": f"./labelsTr/{name}"} for name in reversed(names)],
        "test": [],
    }
    (folder / "dataset.json").write_text(json.dumps({**listing, **changes}))
    return folder
