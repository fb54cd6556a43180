"""Plugs the services into ministack: the only folder that touches its private names."""
