"""A build hook: what is built carries the catalogues compiled, so that reading them is quick."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
"""The time that a catalogue names; that of the build would make each another file."""


class Catalogues(BuildHookInterface):
    """Puts a `kpilib.mo` beside each `kpilib.po` of a wheel; an editable install reads `.po`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues into a folder that lives as long as the build does."""
        if version == "editable":
            return
        self.folder = tempfile.TemporaryDirectory()
        for source in sorted(Path(self.root, "kpilib", "locale").glob("*/LC_MESSAGES/*.po")):
            place = source.relative_to(self.root).with_suffix(".mo")
            compiled = Path(self.folder.name, "-".join(place.parts))
            with source.open("rb") as read, compiled.open("wb") as written:
                catalogue = read_po(read)
                catalogue.creation_date = _ALWAYS
                write_mo(written, catalogue)
            build_data["force_include"][str(compiled)] = place.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder."""
        if version != "editable":
            self.folder.cleanup()
