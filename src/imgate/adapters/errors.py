"""The two errors of this room. Neither carries a field value or the text of a foreign exception."""


class PluginRefused(Exception):
    """The operator must act: a plugin cannot be used. The sentence says what happened, whose fault it is and how to mend it."""

    def __init__(self, plugin: str, sentence: str) -> None:
        """Name the plugin (entry point, adapter or transport) and say the sentence."""
        super().__init__(f"{plugin}: {sentence}")
        self.plugin = plugin
        self.sentence = sentence


class AdapterFault(Exception):
    """The plugin's author must act: an adapter failed, or wrote something other than what was released.

    ``kind`` is a stable code: ``translation_fault`` · ``crashed`` · ``not_bytes`` · ``too_large`` · ``schema_invalid`` ·
    ``scope_missing`` · ``scope_unreleased`` · ``settings_unusable`` · ``reading_shape`` · ``reading_beyond_table`` ·
    ``reference_twice``. ``where`` is a scope, a path of element names or the name of an exception's type.
    """

    def __init__(self, adapter_id: str, kind: str, where: str | None = None) -> None:
        """Name the adapter, what went wrong, and where."""
        super().__init__(f"adapter {adapter_id}: {kind}" + (f" ({where})" if where else ""))
        self.adapter_id = adapter_id
        self.kind = kind
        self.where = where
