"""Questions asked of experiments."""
