"""Moving in from Radarr and Sonarr: their import lists and exclusions become lines of lists.yaml."""
