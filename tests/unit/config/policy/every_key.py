"""A lists.yaml with every key."""

EVERY_KEY = """
defaults: {seasons: all, quality: hd, max_new_per_day: 20, filters: {year: ">=1990", kind: movie}}
caps: {per_run: 50, per_day: none}
pause_when: {pending: 50, free_space: 200 GB, quota_left: 2}
brake: off
lists:
  - source: https://www.imdb.com/list/ls123456789/
    name: Best of 1994
    enabled: yes
    requester: 007
    approval: key
    quality: Both
    seasons: first:2
    max_seasons: 5
    limit: 50
    order: added
    max_new_per_day: none
    max_open: 10
    hold: 1d 12h
    again: when_readded
    withdraw: pending
    schedule: 0 3  * * *; 0 9 * * 6
    priority: -3
    exclude_lists: [Seen by Alice, trakt:bob/seen]
    filters:
      kind: any
      genres: {any: [Drama], unknown: reject}
      exclude_genres: [Horror]
      languages: [EN, no]
      countries: [NO, us]
      runtime: {min: 60, max: 150, unknown: wait}
      rating: {from: imdb, min: 7.5, votes: 500}
      released: {release: digital, unknown: reject}
      not_on: {region: de, services: [Netflix]}
    server:
      name: 0
      profile: HD-1080p
      root_folder: /movies
      tags: [kids, 3]
      tags_mode: replace
      anime: {profile: Anime, tags: []}
  - {source: "trakt:alice/seen", name: Seen by Alice, enabled: off}
  - jellyfin:favorites
exclusions: [movie: 603, tv: 1399, title: 1917, title: /^The Bachelor/, list: imdb:top]
"""
