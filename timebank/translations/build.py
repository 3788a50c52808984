"""What happens when the product is installed or built: catalogues are compiled, the map library is fetched by its hash.

Without a network the map library is left out with a warning; pages then draw their maps themselves, as they do by default.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatch_npm_vendor import plugin as npm
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(folder: Path) -> list[Path]:
    """Compile every messages.po below a folder beside itself and return the files written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as lines, target.open("wb") as out:
            write_mo(out, read_po(lines, locale=source.parts[-3]))
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface[Any]):
    """The build hook of pyproject.toml."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile and fetch before the files are collected."""
        compile_catalogues(Path(self.root) / "timebank" / "translations")
        fetcher = npm.NpmVendorBuildHook(
            self.root, self.config, self.build_config, self.metadata, self.directory, self.target_name, self.app
        )
        try:
            fetcher.initialize(version, build_data)
        except OSError as error:
            self.app.display_warning(f"maps with tiles are left out, their library could not be fetched: {error}")
