"""The parts of bench_engine: cases, the two engines, the floor, timing and the report."""
