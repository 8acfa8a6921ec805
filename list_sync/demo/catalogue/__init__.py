"""The titles of the demo's TMDB."""
