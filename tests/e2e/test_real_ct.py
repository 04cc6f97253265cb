"""Training on the two real CTs reaches the volume that it trains on."""

import pytest
from e2e.command import SPLEEN, bundlert, real_data

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


def test_training_on_a_real_ct_reaches_it(tmp_path):
    data = f"dataset_dir={real_data() / 'Task09_Spleen_mini'}"
    trained = bundlert("run", SPLEEN, "train", data, "cases=[spleen_1]", "profile=small", "epochs=120", cwd=tmp_path)
    weights = f"weights={tmp_path / trained['folder'] / 'checkpoints' / 'best.safetensors'}"
    result = bundlert("run", SPLEEN, "evaluate", data, "cases=[spleen_1]", weights, cwd=tmp_path)["result"]
    assert list(result["cases"]) == ["spleen_1"]
    assert result["dice"] > 0.9
