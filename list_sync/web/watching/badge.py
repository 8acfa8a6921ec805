"""The badge: how all is, as a small picture for a page of the user."""

from list_sync.web.watching.server_watch import Health

_LABEL_WIDTH = 62
_LETTER_WIDTH = 8
# White text on each of them has a contrast of more than 4.5.
_COLOURS = {Health.HEALTHY: "#1f7a4d", Health.DEGRADED: "#8a5a00", Health.UNHEALTHY: "#b3261e"}
_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="ListSync: {word}">
<rect width="{width}" height="20" rx="4" fill="#3b4450"/>
<rect x="{left}" width="{rest}" height="20" rx="4" fill="{colour}"/>
<rect x="{left}" width="4" height="20" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{middle}" y="14">ListSync</text><text x="{middle_of_rest}" y="14">{word}</text></g>
</svg>
"""


def draw_badge(health: Health) -> str:
    """Return the badge of a state as SVG."""
    rest = _LETTER_WIDTH * len(health.value) + 10
    return _SVG.format(
        width=_LABEL_WIDTH + rest,
        left=_LABEL_WIDTH,
        rest=rest,
        colour=_COLOURS[health],
        middle=_LABEL_WIDTH // 2,
        middle_of_rest=_LABEL_WIDTH + rest // 2,
        word=health.value,
    )
