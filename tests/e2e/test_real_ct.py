"""Training on a real CT reaches the volume that it trains on, by the commands of the README."""

import pytest
from e2e.command import SPLEEN, bundlert, real_data

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.mark.parametrize(
    ("case", "more"),
    [("spleen_1", []), ("spleen_2", ["cases=[spleen_2]"])],  # of both, the first one is trained on
    ids=["spleen_1", "spleen_2"],
)
def test_training_on_a_real_ct_reaches_it(case, more, tmp_path):
    data = f"dataset_dir={real_data() / 'Task09_Spleen_mini'}"
    trained = bundlert("run", SPLEEN, "train", data, *more, cwd=tmp_path)
    weights = f"weights={tmp_path / trained['folder'] / 'checkpoints' / 'last.safetensors'}"
    result = bundlert("run", SPLEEN, "evaluate", data, f"cases=[{case}]", weights, cwd=tmp_path)["result"]
    assert list(result["cases"]) == [case]
    assert result["dice"] > 0.9
