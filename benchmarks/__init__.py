"""What the library costs, measured on this machine: `python -m benchmarks`."""
