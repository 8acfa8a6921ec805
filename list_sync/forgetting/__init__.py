"""Forgetting a person: who is meant, what the records hold, and what still names the person elsewhere."""
