"""A figure in a notebook: its colours are those of the theme, light or dark, as it is now.

Where a viewer takes out styles and drawings, as of notebooks that it does not trust, a picture in
pixels is left.
"""

from base64 import b64encode
from html import escape
from zlib import crc32

from kpilib.show.figure.svg import colour_rules, picture

_DARK = ('[data-jp-theme-light="false"]', "body.vscode-dark", 'html[theme="dark"]')
"""What says that a notebook is read in the dark: JupyterLab, VS Code, Colab."""
_PAPER = "var(--jp-layout-color0,var(--vscode-editor-background,{}))"
"""The ground on which outputs stand."""
_SANS = 'var(--jp-ui-font-family,system-ui,-apple-system,"Segoe UI",sans-serif)'


def live_html(source: str, pixels: bytes, title: str, description: str) -> str:
    """The SVG as HTML that follows the notebook's theme, with PNG `pixels` for want of it.

    >>> html = live_html('<svg><path style="fill:#00648f"/></svg>', b"", "Sales", "Up <b>")
    >>> "fill:var(--c00648f)" in html, "--c00648f:#58a7d6" in html, "Up &lt;b&gt;" in html
    (True, True, True)
    """
    drawn = picture(source, f"k{crc32(source.encode()):08x}-", title)
    light, dark = colour_rules(drawn.colours - {"ffffff"})
    nights = ",".join(f"{one} .kpilib-figure" for one in _DARK)
    style = (
        f".kpilib-figure{{margin:.5rem 0;--sans:{_SANS};--cffffff:{_PAPER.format('#fff')};{light}}}"
        f"{nights}{{--cffffff:{_PAPER.format('#14181d')};{dark}}}"
        ".kpilib-figure svg{display:block;width:100%;height:auto;overflow:visible}"
        ".kpilib-figure img{display:none}"
    )
    png = f"data:image/png;base64,{b64encode(pixels).decode()}"
    image = f'<img alt="{escape(description or title)}" src="{png}">'
    # JupyterLab sets what stands between two dollar signs as mathematics, but not in this class.
    kind = "kpilib-figure mathjax_ignore"
    return f'<figure class="{kind}"><style>{style}</style>{drawn.html}{image}</figure>'
