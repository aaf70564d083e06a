"""A network: a function of its weights, its loss, slope and curvature."""
