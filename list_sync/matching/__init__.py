"""Stage 2: wanted titles become TMDB titles, or wait for a person; never a guess."""
