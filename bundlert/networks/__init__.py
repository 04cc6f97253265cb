"""Networks: plain `nn.Module`s with the field's names and parameters, and the one reader of weights."""
