"""A figure's SVG as a part of a page or of a notebook: named, lean, in the colours around it."""
