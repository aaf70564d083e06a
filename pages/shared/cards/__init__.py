"""Cards: what the live panel shows."""
