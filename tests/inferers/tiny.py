"""Small networks, and a display that remembers."""

import pytest
import torch
from torch import nn

from bundlert.inferers.backends.packages import installed
from bundlert.progress import Display

ONNXRUNTIME, OPENVINO = ("onnxruntime", "onnx", "onnxscript"), ("openvino",)


def needs(*packages):
    return pytest.mark.skipif(not installed(*packages), reason=f"needs {', '.join(packages)}")


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class Two(nn.Module):
    """Two outputs in a dictionary, the second at half the size."""

    def __init__(self):
        super().__init__()
        self.layers = conv_network()

    def forward(self, x):
        scores = self.layers(x)
        return {"scores": scores, "deep": [nn.functional.avg_pool3d(scores, 2)]}


class Twisted(nn.Module):
    """Gives something else when it is traced, as a network with hidden state may."""

    def __init__(self):
        super().__init__()
        self.layers = conv_network()

    def forward(self, x):
        return self.layers(x) * (2 if torch.compiler.is_exporting() else 1)


def conv_network(seed=0, dims=3):
    torch.manual_seed(seed)
    conv, norm = (nn.Conv3d, nn.BatchNorm3d) if dims == 3 else (nn.Conv2d, nn.BatchNorm2d)
    return nn.Sequential(conv(1, 4, 3, padding=1), norm(4), nn.PReLU(), conv(4, 3, 1)).eval()


class Remembering(Display):
    def __init__(self):
        self.said, self.tasks = [], []

    def say(self, text):
        self.said.append(text)

    def task(self, what, *, total, unit, done):
        self.tasks.append((what, total, unit))
        return super().task(what, total=total, unit=unit, done=done)
