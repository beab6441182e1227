"""What is on the screen as an SVG picture that loads nothing: its fonts are those of the reader's machine."""

from io import StringIO

from rich.console import Console, RenderableType
from rich.terminal_theme import MONOKAI

FONT_ASPECT = 0.602
"""Width to height of a character of these fonts."""

# The names in braces are those of `Console.export_svg`.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    .{unique_id}-matrix {{
      font: {char_height}px/{line_height}px "DejaVu Sans Mono", Menlo, Consolas, monospace;
      white-space: pre;
    }}
    .{unique_id}-title {{ font: bold 18px "DejaVu Sans", Arial, sans-serif; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">{matrix}</g>
  </g>
</svg>
"""


def svg(screen: RenderableType, title: str, width: int, height: int) -> str:
    """`screen`, drawn on so many columns and rows."""
    console = Console(record=True, width=width, height=height, file=StringIO(), force_terminal=True)
    console.print(screen)
    return exported(console, title)


def exported(console: Console, title: str) -> str:
    """What a console that records was told."""
    return console.export_svg(
        title=title, theme=MONOKAI, code_format=FORMAT, font_aspect_ratio=FONT_ASPECT, unique_id="pitwire"
    )
