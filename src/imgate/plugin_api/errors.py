"""The three errors of a plugin, each named for who must act. None of them may carry a field value."""


class MessageUnreadable(Exception):
    """The sender must act: a message, or a file, cannot be used as a whole."""

    def __init__(self, code: str, line: int | None = None, column: int | str | None = None) -> None:
        """Name the problem by a stable code; ``line`` and ``column`` (number or column name) say where."""
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column


class SettingsInvalid(Exception):
    """The operator must act: a setting of this partner in imgate.toml is unknown or unusable."""

    def __init__(self, setting: str, sentence: str) -> None:
        """Name the setting, and say in one sentence what is wrong and how to mend it."""
        super().__init__(f"{setting}: {sentence}")
        self.setting = setting
        self.sentence = sentence


class TranslationFault(Exception):
    """The plugin's author must act: a released scope could not be written, or not exactly."""

    def __init__(self, scope: str, sentence: str) -> None:
        """Name the scope, and say in one sentence what is wrong, without its value."""
        super().__init__(f"{scope}: {sentence}")
        self.scope = scope
        self.sentence = sentence


class TableInvalid(ValueError):
    """The plugin's author must act: a table contradicts itself. No fourth one: only this package raises it, while tables are made.

    Its sentence is imgate's own and holds names out of code, so it may be shown, other than the text of a foreign exception.
    """
