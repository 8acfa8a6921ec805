"""The media-request server's API: Overseerr, Jellyseerr and Seerr."""
