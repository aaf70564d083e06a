"""How weights move: optimizers, line searches, schedules."""
