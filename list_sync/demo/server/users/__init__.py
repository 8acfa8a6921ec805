"""The users of the demo server: who calls, with which permissions and quotas."""
