"""Outbound clients of other people's HTTP APIs: plain values in, model types out; inbound HTTP is list_sync.web."""
