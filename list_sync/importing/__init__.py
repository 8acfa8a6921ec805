"""Moving in: what people have elsewhere (a folder of ListSync 0.6, Radarr, Sonarr) becomes ours; the rest is named."""
