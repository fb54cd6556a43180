"""Asynchronous endpoints: queues, requests, results, metrics."""
