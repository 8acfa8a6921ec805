"""TMDB behind the demo server: its titles, search and detail pages."""
