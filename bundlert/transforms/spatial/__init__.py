"""Where voxels lie: orientation, spacing, padding and the way back."""
