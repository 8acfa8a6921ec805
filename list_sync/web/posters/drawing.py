"""The drawn poster of a title that has none: its hue and its art come from its number, as in the style sheet."""

from html import escape

# What the style sheet calls the hues and the arts of a poster; its order is kept.
_HUES = (20, 55, 90, 150, 195, 245, 290, 340)
_ARTS = (
    '<circle cx="100" cy="120" r="62" fill="{light}"/><path d="M0 200h200v100H0z" fill="{dark}"/>',
    '<path d="M-20 90 220-20v60L-20 150zM-20 210 220 100v60L-20 270z" fill="{dark}" opacity=".55"/>',
    (
        '<circle cx="200" cy="300" r="240" fill="{light}"/><circle cx="200" cy="300" r="170" fill="{middle}"/>'
        '<circle cx="200" cy="300" r="100" fill="{dark}"/>'
    ),
    '<path d="M200 80 0 300h200z" fill="{light}"/><path d="M0 140 160 300H0z" fill="{dark}"/>',
    '<circle cx="76" cy="132" r="52" fill="{light}"/><circle cx="126" cy="168" r="66" fill="{dark}" opacity=".7"/>',
    '<path d="M36 120h34v180H36zM92 150h48v150H92zM150 90h30v210h-30z" fill="{dark}"/>',
)
_TONES = {"light": "55% 66%", "middle": "38% 40%", "dark": "42% 20%"}
_FONT = 'font-family="system-ui, sans-serif" font-size="54" font-weight="700" fill="#fff" fill-opacity=".9"'


def find_hue(number: int) -> int:
    """Return which of eight hues a title has, from 1."""
    return (number * 5 + number // 6) % len(_HUES) + 1


def find_art(number: int) -> int:
    """Return which of six arts a title has, from 1."""
    return number * 13 // 7 % len(_ARTS) + 1


def draw_poster(number: int, title: str) -> str:
    """Return a poster as SVG with the initials of the title."""
    hue = _HUES[find_hue(number) - 1]
    colors = {name: f"hsl({hue} {values})" for name, values in _TONES.items()}
    art = _ARTS[find_art(number) - 1].format(**colors)
    text = f'<text x="100" y="272" text-anchor="middle" {_FONT}>{escape(find_initials(title))}</text>'
    ground = f'<path d="M0 0h200v300H0z" fill="{colors["middle"]}"/>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300" width="200" height="300">'
    return f"{head}{ground}{art}{text}</svg>"


def find_initials(title: str) -> str:
    """Return the first letters of the first and the last word of a title."""
    words = [letters for word in title.split()[:40] if (letters := "".join(filter(str.isalnum, word[:40])))]
    return "".join(word[0].upper() for word in dict.fromkeys((words[0], words[-1]))) if words else ""
