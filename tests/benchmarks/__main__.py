"""`make bench`: prints what the engine and the live panel reach on this machine. Nothing here fails on a number."""

from tests.benchmarks import engine, frames, panel, rates

if __name__ == "__main__":
    engine.main()
    rates.main()
    frames.main()
    panel.main()
