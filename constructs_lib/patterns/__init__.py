"""Constructs made of constructs: ways of serving that need more than an endpoint."""
