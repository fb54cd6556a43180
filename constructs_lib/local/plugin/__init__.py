"""Plugs the services into ministack: the only folder that touches its private names.

They are pinned by the exact version in the requirements; a contract test says which one is gone.
"""
