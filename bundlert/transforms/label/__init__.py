"""From network outputs to label maps."""
