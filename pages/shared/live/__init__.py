"""The live panel: protocol, runs, what lies between server and browser."""
