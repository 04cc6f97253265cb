"""Loops over batches, on pytorch-ignite: training, evaluation, and what happens beside them."""
