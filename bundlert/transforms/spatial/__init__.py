"""Where voxels lie: orientation, spacing, padding, maps and bends by will or by chance, and the way back."""
