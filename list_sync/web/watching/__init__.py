"""What others watch: the words of /health, the metrics, and the feed of events."""
