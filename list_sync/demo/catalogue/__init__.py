"""The titles that the demo's TMDB knows."""
