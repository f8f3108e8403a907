"""Find the installed plugins, refuse odd ones with a sentence for the operator, and hand out configured adapters.

The only place that imports a plugin, and it does so when called, not when this module is imported. pluggy finds the
plugins; each is then looked up by its id, so that an exchange has exactly one adapter and no hook is ever broadcast.
"""

import importlib.metadata
import inspect
import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType

import pluggy

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.errors import PluginRefused
from imgate.adapters.registered import RegisteredAdapter, register_adapter
from imgate.plugin_api import API_VERSION, AdapterPlugin, TransportPlugin, hooks
from imgate.record.catalogue import CATALOGUE, Catalogue

ADAPTER_GROUP = "imgate.adapters"
TRANSPORT_GROUP = "imgate.transports"
_HOOKS = {ADAPTER_GROUP: "imgate_register_adapter", TRANSPORT_GROUP: "imgate_register_transport"}


@dataclass(frozen=True, slots=True)
class Registry:
    """What was found: usable adapters and transports by id, and a problem for each that is not.

    ``load_plugins`` makes it. Whether a problem stops the start is the caller's decision.
    """

    adapters: Mapping[str, RegisteredAdapter]
    transports: Mapping[str, TransportPlugin]
    problems: tuple[PluginRefused, ...]
    # By group, every id that is installed: also what no partner names, and was therefore not imported.
    installed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def adapter(self, adapter_id: str, settings: Mapping[str, object]) -> LoadedAdapter:
        """Configure an adapter for one partner.

        Raises PluginRefused if it is not there or cannot be used so, SettingsInvalid (of plugin_api) for its settings.
        """
        registered = self.adapters.get(adapter_id)
        if registered is None:
            raise PluginRefused(adapter_id, self._missing("adapter", adapter_id, {*self.adapters, *self.installed.get(ADAPTER_GROUP, ())}))
        return registered.configured(settings)

    def transport(self, kind: str) -> TransportPlugin:
        """Look up a transport. Raises PluginRefused if there is none of this kind."""
        plugin = self.transports.get(kind)
        if plugin is None:
            raise PluginRefused(kind, self._missing("transport", kind, {*self.transports, *self.installed.get(TRANSPORT_GROUP, ())}))
        return plugin

    def _missing(self, what: str, name: str, there: Collection[str]) -> str:
        for problem in self.problems:
            if problem.plugin == name:
                return problem.sentence
        near = get_close_matches(name, sorted(there), n=1)
        meant = f"; did you mean `{near[0]}`?" if near else ";"
        return (
            f"no {what} of this name is installed{meant} there are {', '.join(sorted(there)) or 'none'}. "
            "Install its package, or mend the name."
        )


def load_plugins(
    *,
    catalogue: Catalogue = CATALOGUE,
    transports: Iterable[ModuleType] = (),
    found: Mapping[str, Sequence[EntryPoint]] | None = None,
    listed: Collection[str] | None = None,
) -> Registry:
    """Load every installed plugin of both groups; never raises for what a plugin does wrong.

    ``transports`` are the built-in ones, modules with the same hook. ``found`` replaces the installed entry points by
    group. ``listed``, if given, are the names of the entry points that the operator allows; others are refused
    without being imported.
    """
    loading = _Loading(catalogue, listed)
    installed = {}
    for group in (ADAPTER_GROUP, TRANSPORT_GROUP):
        points = entry_points(group=group) if found is None else found.get(group, ())
        installed[group] = frozenset(point.name for point in points)
        for point in sorted(points, key=lambda point: point.name):
            loading.entry_point(group, point)
    for module in transports:
        loading.module(TRANSPORT_GROUP, module.__name__.rpartition(".")[2], module, "built in")
    return Registry(
        MappingProxyType(loading.adapters), MappingProxyType(loading.transports), tuple(loading.problems), MappingProxyType(installed)
    )


class _Loading:
    """Collects what is found, so that one bad plugin does not hide the next."""

    def __init__(self, catalogue: Catalogue, listed: Collection[str] | None) -> None:
        self.catalogue = catalogue
        self.listed = listed
        self.adapters: dict[str, RegisteredAdapter] = {}
        self.transports: dict[str, TransportPlugin] = {}
        self.problems: list[PluginRefused] = []

    def entry_point(self, group: str, point: EntryPoint) -> None:
        if self.listed is not None and point.name not in self.listed:
            sentence = "is installed but not listed in imgate.toml. Uninstall its package, or list it if you trust its code."
            self.problems.append(PluginRefused(point.name, sentence))
            return
        try:
            module = point.load()
        except Exception as error:  # noqa: BLE001  # an import runs foreign code
            sentence = (
                f"could not be imported ({type(error).__name__}{_place(error)}); that is the package's fault or its installation's. "
                "Install it again."
            )
            self.problems.append(PluginRefused(point.name, sentence))
            return
        self.module(group, point.name, module, point.dist.version if point.dist is not None else "unknown")

    def module(self, group: str, name: str, module: object, version: str) -> None:
        try:
            plugin = _registered_object(name, module, _HOOKS[group])
            if group == ADAPTER_GROUP:
                self._add_adapter(name, plugin, version)
            else:
                self._add_transport(name, plugin)
        except PluginRefused as refused:
            self.problems.append(refused)

    def _add_adapter(self, name: str, plugin: object, version: str) -> None:
        if not isinstance(plugin, AdapterPlugin):
            raise PluginRefused(name, "its hook does not return an AdapterPlugin; its author must mend that.")
        adapter = register_adapter(name, plugin, version, self.catalogue)
        if adapter.id != name:
            raise PluginRefused(name, f"its entry point and its manifest disagree about its id ({adapter.id}); its author must mend that.")
        if adapter.id in self.adapters:
            raise PluginRefused(adapter.id, f"two installed plugins have this id, {name} is the second. Uninstall one of the two.")
        self.adapters[adapter.id] = adapter

    def _add_transport(self, name: str, plugin: object) -> None:
        if not isinstance(plugin, TransportPlugin):
            raise PluginRefused(name, "its hook does not return a TransportPlugin; its author must mend that.")
        if plugin.kind in self.transports:
            raise PluginRefused(plugin.kind, f"two transports have this kind, {name} is the second. Uninstall one of the two.")
        self.transports[plugin.kind] = plugin


def _place(error: Exception) -> str:
    """Say in which file and line of the plugin an import failed; its text may hold anything."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" in {_named(error.filename)}, line {error.lineno}"
    ours = (__file__, "<frozen ", importlib.__file__, importlib.metadata.__file__)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ours)]
    return f" in {_named(frames[-1].filename)}, line {frames[-1].lineno}" if frames else ""


def _named(file: str) -> str:
    return "/".join(Path(file).parts[-2:])


def _registered_object(name: str, module: object, hook_name: str) -> object:
    """Ask one plugin for the object that its one hook returns. Raises PluginRefused."""
    _refuse_unknown_hooks(name, module)
    # A manager for each plugin: what is wrong with one says nothing about the next, and nothing can wrap another's hook.
    manager = pluggy.PluginManager("imgate")
    manager.add_hookspecs(hooks)
    try:
        manager.register(module, name=name)
        manager.check_pending()
    except pluggy.PluginValidationError:
        raise PluginRefused(name, "has a hook that imgate does not know, or with other arguments; its author must mend that.") from None
    implementations = getattr(manager.hook, hook_name).get_hookimpls()
    if any(implementation.wrapper or implementation.hookwrapper for implementation in implementations):
        raise PluginRefused(name, "wraps a hook; a plugin may register itself and not stand between others. Its author must mend that.")
    if not implementations:
        raise PluginRefused(name, f"does not implement {hook_name} with @hookimpl; its author must mend that.")
    try:
        return implementations[0].function()
    except Exception as error:  # noqa: BLE001  # foreign code
        sentence = f"failed while registering ({type(error).__name__}); its author must mend that."
    raise PluginRefused(name, sentence)


def _refuse_unknown_hooks(name: str, module: object) -> None:
    # pluggy sees functions that carry @hookimpl only; a misspelt or forgotten mark would silently do nothing.
    known = set(_HOOKS.values())
    for attribute, value in inspect.getmembers(module, callable):
        if not attribute.startswith("imgate_"):
            continue
        if attribute not in known:
            raise PluginRefused(name, f"has a function named like a hook, {attribute}, that imgate {API_VERSION} does not know; misspelt?")
        if getattr(value, "imgate_impl", None) is None:
            raise PluginRefused(name, f"has {attribute} without @hookimpl, so that nobody would call it; its author must mend that.")
