"""Loss surfaces given by a formula."""
