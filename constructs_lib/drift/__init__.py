"""Baselines of drift: what a model was trained on, in the few numbers that later requests are compared with."""
