"""Stage 2: wanted titles become TMDB titles; doubtful ones wait for the user."""
