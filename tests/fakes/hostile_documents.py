"""Documents that are small as files and become very large in memory."""


def hostile_documents(size: int) -> dict[str, bytes]:
    """Return documents of about so many bytes by what they are made of."""

    def filled(piece: bytes, *, around: tuple[bytes, bytes] = (b"", b"")) -> bytes:
        return around[0] + piece * (size // len(piece)) + around[1]

    rss = (b"<rss><channel>", b"</channel></rss>")
    return {
        "arrays": filled(b"[],", around=(b"[", b"[]]")),
        "objects": filled(b"{},", around=(b"[", b"{}]")),
        "texts": filled(b'"tv:1",', around=(b"[", b'"tv:1"]')),
        "small entries": filled(b'{"tmdb":1,"type":"tv"},', around=(b"[", b'{"tmdb":1,"type":"tv"}]')),
        "keys": b"[{" + b",".join(b'"%07x":0' % number for number in range(size // 12)) + b"}]",
        "nested arrays": b"[" * size,
        "nested objects": filled(b'{"a":'),
        "a long number": b"[" + b"7" * size + b"]",
        "a long fraction": b"[0." + b"7" * size + b"]",
        "a table of ids": b"tmdb,type\n" + filled(b"1,tv\n"),
        "a table of commas": b"tmdb,type\n" + filled(b",,,,,,,,1\n"),
        "a header of commas": b"tmdb" + b"," * size,
        "a wide header": b"tmdb" + b",a" * 3_000 + b"\n1\n",
        "a cell without an end": b'tmdb,type\n1,"' + b"x\n" * (size // 2),
        "lines": filled(b"tv:1\n"),
        "lines that say nothing": b"tv:1\n" + filled(b"aa\n"),
        "empty lines": b"tv:1\n" + b"\n" * size,
        "a line": filled(b"tv:1 "),
        "wide characters": b"\xff\xfe\x00\x00" + "\U0001f600\n".encode("utf-32-le") * (size // 8),
        "elements": filled(b"<a/>", around=rss),
        "elements in an entry": filled(b"<a/>", around=(rss[0] + b"<item>", b"</item>" + rss[1])),
        "items": filled(b"<item/>", around=rss),
        "nested elements": filled(b"<a>"),
        "attributes": b"<rss><channel><a " + b" ".join(b'a%07x=""' % number for number in range(size // 12)) + b"/>",
        "an attribute": b'<rss><channel a="' + b"x" * size + b'"/></rss>',
        "names of elements": rss[0] + b"".join(b"<item><a%x/></item>" % number for number in range(size // 100)),
        "names of attributes": rss[0] + b"".join(b"<a b%x=''/>" % number for number in range(size // 100)),
        "a comment": b"<rss><!--" + b"x" * size + b"--></rss>",
    }
