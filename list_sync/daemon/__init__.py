"""The daemon: when a sync is due, who asked for one, the heartbeat, and stopping."""
