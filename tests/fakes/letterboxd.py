"""Pages in the shapes of Letterboxd's, of today and of before autumn 2025, and a small site made of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from tests.fakes.scripted_server import Asked, Served

HEADERS = {"Content-Type": "text/html;charset=utf-8", "Server": "cloudflare"}
Film = tuple[str, int | None]
CLASSES = {"list": "list-page", "watchlist": "watchlist wide", "films": "films-watched wide", "likes": "likes wide"}
CHALLENGE = Served(
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
    403,
    {"Content-Type": "text/html", "Server": "cloudflare", "cf-mitigated": "challenge"},
)


def some_films(first: int, last: int, *, year: bool = True) -> list[Film]:
    return [(f"Film {number}", 1900 + number % 100 if year else None) for number in range(first, last + 1)]


def slug_of(title: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in title.lower())


def new_poster(film: Film, *, kind: str = "film", quotes: str = "raw") -> str:
    title, year = film
    name = escape(f"{title} ({year})" if year else title)
    identifier = json.dumps({"lid": "aBcD", "uid": f"{kind}:1", "type": kind}, separators=(",", ":"))
    attribute = f"'{identifier}'" if quotes == "raw" else f'"{escape(identifier)}"'
    place = f"/{kind}/{slug_of(title)}/"
    return (
        f'<li class="posteritem numbered-list-item"> <div class="react-component" data-component-class="LazyPoster" '
        f'data-item-name="{name}" data-item-slug="{slug_of(title)}" data-item-link="{place}" '
        f'data-item-full-display-name="{name}" data-postered-identifier={attribute} data-target-link="{place}">'
        f'<div class="poster film-poster"><img alt="{escape(title)}"/></div></div><p class="list-number">1</p></li>'
    )


def old_poster(film: Film, *, kind: str = "film") -> str:
    title = film[0]
    return (
        f'<li class="poster-container"> <div class="really-lazy-load poster film-poster" data-type="{kind}" '
        f'data-film-id="1" data-film-slug="/film/{slug_of(title)}/"><img alt="{escape(title)}"/></div></li>'
    )


def listing(
    posters: Sequence[str],
    *,
    path: str = "/alice/list/best/",
    kind: str = "list",
    total: int | None = None,
    page: int = 1,
    pages: int = 1,
    container: str | None = None,
) -> str:
    about = (
        f"A list of {total:,} films compiled on Letterboxd" if kind == "list" and total is not None else "Alice’s films"
    )
    count = f' data-num-entries="{total}"' if kind == "watchlist" and total is not None else ""
    where = container if container is not None else "js-list-entries poster-list -p125 -grid"
    following = (
        f'<a class="next" href="{path}page/{page + 1}/">Next</a>' if page < pages else '<span class="next"></span>'
    )
    numbers = "".join(
        f'<li class="paginate-page paginate-current"><span>{number}</span></li>'
        if number == page
        else f'<li class="paginate-page"><a href="{path}page/{number}/">{number}</a></li>'
        for number in range(1, pages + 1)
    )
    paging = f'<div class="pagination">{following}<div class="paginate-pages"><ul>{numbers}</ul></div></div>'
    return (
        f'<!DOCTYPE html><html><head><title>A page</title><meta name="description" content="{about}">'
        f'<meta property="og:url" content="https://letterboxd.com{path}"></head>'
        f'<body class="{CLASSES[kind]}" data-owner="alice"><ul class="poster-list">'
        f'</ul><div class="js-watchlist-content"{count}><ul class="{where}">{"".join(posters)}</ul>'
        f"{paging if pages > 1 else ''}</div>"
        f'<aside><ul class="posterlist">{new_poster(("Not of the list", 1999))}</ul></aside></body></html>'
    )


def film_page(
    title: str,
    year: int | None,
    *,
    link: str = "",
    tmdb: str = "",
    imdb: str = "",
    data: int | None = None,
) -> str:
    heading = f"{title} ({year})" if year else title
    links = f'<a href="https://www.themoviedb.org/{link}/">TMDB</a>' if link else ""
    links += f'<a href="http://www.imdb.com/title/{imdb}/maindetails">IMDb</a>' if imdb else ""
    document = json.dumps({"@type": "Movie", "releasedEvent": [{"startDate": str(data)}]})
    return (
        f'<!DOCTYPE html><html><head><title>{heading}</title><meta property="og:title" content="{heading}">'
        '<meta property="og:url" content="https://letterboxd.com/film/x/"></head>'
        f'<body class="film backdropped" data-type="film" data-tmdb-type="movie" data-tmdb-id="{tmdb}">{links}'
        f'<script type="application/ld+json">\n/* <![CDATA[ */\n{document}\n/* ]]> */\n</script></body></html>'
    )


PROFILE = (
    '<html><head><meta property="og:url" content="https://letterboxd.com/alice/"></head>'
    f'<body class="screen-member-profile"><ul class="grid -p150">{new_poster(("Favourite", 1999))}</ul></body></html>'
)
NOT_FOUND = Served(
    '<html><body class="error message-dark"><section class="message">Sorry, we can’t find the page.</section>'
    "</body></html>",
    404,
    HEADERS,
)


@dataclass
class LetterboxdSite:
    """A list of `films`, `per_page` a page, in the markup of today or the old one, with a page for every film."""

    films: Sequence[Film]
    per_page: int = 3
    is_old: bool = False
    path: str = "/alice/list/best/"
    film_pages: dict[str, Served] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Served:
        self.asked.append(asked.path)
        if asked.path.startswith("/film/"):
            return self.film_pages.get(asked.path.split("/")[2], NOT_FOUND)
        if not asked.path.startswith(self.path):
            return NOT_FOUND
        rest = asked.path.removeprefix(self.path).strip("/")
        page = int(rest.removeprefix("page/")) if rest else 1
        shown = self.films[(page - 1) * self.per_page : page * self.per_page]
        pages = -(-len(self.films) // self.per_page)
        poster = old_poster if self.is_old else new_poster
        html = listing([poster(film) for film in shown], path=self.path, total=len(self.films), page=page, pages=pages)
        return Served(html, headers=HEADERS)
