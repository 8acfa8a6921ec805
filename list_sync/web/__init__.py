"""INBOUND: the service of the daemon, HTTP on one port; it reads the store and asks for runs, and decides nothing.

What goes out to other services is in `list_sync.api`. Nothing here is imported before the daemon starts the service.
"""
