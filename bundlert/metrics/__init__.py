"""Metrics: reset, update for each case, compute; what each case contributes is kept by its name.

All of them stand on `base.CaseMetric`, or speak like it (`group.MetricGroup`):

- `update(prediction, target, name, spacing=)` takes in one case and gives its own value; `cases` has these values.
- `compute()` is the figure of all cases. A metric is either a mean of its cases' values, or, where a mean would be
  wrong (ROC AUC, average precision, FROC, confusion counts), computed anew from what the cases contributed.
- `state_dict()` and `load_state_dict(state)` give and take what was contributed: names, and tensors on the CPU.
- `merge(other)` joins another process's metric, or its state. A case that both have, by name, counts once, as when
  the shards of several processes are filled up to one size. So any split of the cases, merged in any order, computes
  the same figure as the whole, to the last bit. Cases without a name are always taken for different ones.

A class that a case doesn't have: each metric says what it makes of it, for "neither side has it" and "only one side
has it". What has no value is NaN and is left out of means; a figure is NaN only if nothing is left.
"""
