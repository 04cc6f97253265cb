"""One thread for torch, in the processes that tests start too: on small tensors several take longer than one, and on a
busy machine many times as long. Tests of several threads ask for them."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported
