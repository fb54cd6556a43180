"""Endpoints and what serves behind them: fleets, variants, components, rollouts."""
