"""The two errors of this room. Neither carries a field value or the text of a foreign exception."""


class PluginRefused(Exception):
    """The operator must act: a plugin cannot be used. Each sentence says what happened, whose fault it is and how to mend it."""

    def __init__(self, plugin: str, sentence: str, *further: str) -> None:
        """Name the plugin (entry point, adapter or transport) and say everything that is wrong with it."""
        self.plugin = plugin
        self.sentences = (sentence, *further)
        self.sentence = " ".join(self.sentences)
        super().__init__(f"{plugin}: {self.sentence}")


class AdapterFault(Exception):
    """The plugin's author must act: an adapter failed, or wrote something other than what was released.

    ``kind`` is a stable code: ``translation_fault`` · ``crashed`` · ``not_bytes`` · ``too_large`` · ``schema_invalid`` ·
    ``scope_missing`` · ``scope_unreleased`` · ``attachment_missing`` · ``attachment_unasked`` (more stand in the message than were
    handed in) · ``envelope_differs`` (from what the plugin was told) · ``hidden`` (a comment, an instruction, a namespace that the schema
    does not know) · ``settings_unusable`` · ``reading_shape`` · ``reading_beyond_table`` · ``reference_twice``. ``where`` is a scope, a
    path of element names, a kind of attachment or the name of an exception's type.
    """

    def __init__(self, adapter_id: str, kind: str, where: str | None = None) -> None:
        """Name the adapter, what went wrong, and where."""
        super().__init__(f"adapter {adapter_id}: {kind}" + (f" ({where})" if where else ""))
        self.adapter_id = adapter_id
        self.kind = kind
        self.where = where
