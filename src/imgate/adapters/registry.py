"""Find the installed plugins, refuse odd ones with a sentence for the operator, and hand out configured adapters.

The only place that imports a plugin, and it does so when called, not when this module is imported. pluggy finds the
plugins; each is then looked up by its id, so that an exchange has exactly one adapter and no hook is ever broadcast.
"""

import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from itertools import groupby
from types import MappingProxyType, ModuleType

import pluggy

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.agreement import AUTHOR
from imgate.adapters.errors import PluginRefused
from imgate.adapters.failed_at import cause
from imgate.adapters.registered import RegisteredAdapter, register_adapter
from imgate.plugin_api import API_VERSION, AdapterPlugin, TransportPlugin, hooks
from imgate.plugin_api.errors import TableInvalid
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
        if told := [problem.sentence for problem in self.problems if problem.plugin == name]:
            return " ".join(told)
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
        built_in = transports if group == TRANSPORT_GROUP else ()
        for module in built_in:
            loading.module(_Offer(group, module.__name__.rpartition(".")[2], "built in", built_in=True), module)
        for name, same in groupby(sorted(points, key=lambda point: point.name), key=lambda point: point.name):
            loading.entry_points(group, name, list(same))
    return Registry(
        MappingProxyType(loading.adapters), MappingProxyType(loading.transports), tuple(loading.problems), MappingProxyType(installed)
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a plugin is offered as: the group and name of its entry point, and the version of its package."""

    group: str
    name: str
    version: str
    built_in: bool = False


class _Loading:
    """Collects what is found, so that one bad plugin does not hide the next."""

    def __init__(self, catalogue: Catalogue, listed: Collection[str] | None) -> None:
        self.catalogue = catalogue
        self.listed = listed
        self.adapters: dict[str, RegisteredAdapter] = {}
        self.transports: dict[str, TransportPlugin] = {}
        self.problems: list[PluginRefused] = []

    def entry_points(self, group: str, name: str, points: Sequence[EntryPoint]) -> None:
        """Load what has this name. Of two with one name neither is imported: nobody said which of them is trusted with messages."""
        if self.listed is not None and name not in self.listed:
            sentence = "is installed but not listed in imgate.toml. Uninstall its package, or list it if you trust its code."
            self.problems.append(PluginRefused(name, sentence))
        elif len(points) > 1:
            packages = " and ".join(sorted(_package(point) for point in points))
            sentence = (
                f"several installed packages have a plugin of this name: {packages}; imgate uses none of them. Uninstall all but one."
            )
            self.problems.append(PluginRefused(name, sentence))
        elif group == TRANSPORT_GROUP and name in self.transports:
            sentence = f"imgate itself has a transport of this name, and {_package(points[0])} brings another. Uninstall that package."
            del self.transports[name]
            self.problems.append(PluginRefused(name, sentence))
        else:
            self._entry_point(group, points[0])

    def _entry_point(self, group: str, point: EntryPoint) -> None:
        try:
            module = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001  # an import runs foreign code
            mend = "that is the package's fault or its installation's. Install it again, with everything that it depends on."
            sentence = f"could not be imported{cause(error)}" + (f". {AUTHOR}" if isinstance(error, TableInvalid) else f"; {mend}")
            self.problems.append(PluginRefused(point.name, sentence))
            return
        self.module(_Offer(group, point.name, "unknown" if point.dist is None else point.dist.version), module)

    def module(self, offer: _Offer, module: object) -> None:
        refused = None
        try:
            plugin = _registered_object(offer, module)
            if offer.group == ADAPTER_GROUP:
                self._add_adapter(offer, plugin)
            else:
                self._add_transport(offer, plugin)
        except PluginRefused as problem:
            refused = problem
        except Exception as error:  # noqa: BLE001  # foreign code, also where it is only looked at
            refused = PluginRefused(offer.name, f"failed while it was looked at{cause(error)}. {AUTHOR}")
        if refused is not None:
            self.problems.append(refused)

    def _add_adapter(self, offer: _Offer, plugin: object) -> None:
        if not isinstance(plugin, AdapterPlugin):
            raise PluginRefused(offer.name, f"its hook does not return an AdapterPlugin. {AUTHOR}")
        adapter = register_adapter(offer.name, plugin, offer.version, self.catalogue)
        if adapter.id != offer.name:
            sentence = (
                f"its entry point and its manifest disagree about its id: pyproject.toml has {offer.name}, adapter.toml {adapter.id}."
            )
            raise PluginRefused(offer.name, f"{sentence} {AUTHOR} Write the same id in both, and install the package again.")
        self.adapters[adapter.id] = adapter

    def _add_transport(self, offer: _Offer, plugin: object) -> None:
        if not isinstance(plugin, TransportPlugin):
            raise PluginRefused(offer.name, f"its hook does not return a TransportPlugin. {AUTHOR}")
        if not offer.built_in and plugin.kind != offer.name:
            sentence = f"its entry point and its hook disagree about its kind: pyproject.toml has {offer.name}, the hook {plugin.kind}."
            raise PluginRefused(offer.name, f"{sentence} {AUTHOR} Write the same kind in both, and install the package again.")
        self.transports[plugin.kind] = plugin


def _package(point: EntryPoint) -> str:
    return point.value if point.dist is None else point.dist.name


def _registered_object(offer: _Offer, module: object) -> object:
    """Ask one plugin for the object that its one hook returns. Raises PluginRefused."""
    hook_name = _HOOKS[offer.group]
    if wrong := list(_problems_of_hooks(module, hook_name)):
        raise PluginRefused(offer.name, *wrong)
    # A manager for each plugin: what is wrong with one says nothing about the next, and nothing can wrap another's hook.
    manager = pluggy.PluginManager("imgate")
    manager.add_hookspecs(hooks)
    manager.register(module, name=offer.name)
    manager.check_pending()
    (implementation,) = getattr(manager.hook, hook_name).get_hookimpls()
    try:
        return implementation.function()
    except Exception as error:  # noqa: BLE001  # foreign code
        sentence = f"failed while registering{cause(error)}. {AUTHOR}"
    raise PluginRefused(offer.name, sentence)


def _problems_of_hooks(module: object, hook_name: str) -> Iterator[str]:
    """Say what is wrong with a plugin's hooks.

    pluggy sees functions that carry @hookimpl only, and says nothing about the others; a misspelt or forgotten mark would silently
    do nothing. What it does see it refuses one by one, and not in the words of a plugin's author.
    """
    hooks_there: list[str] = []
    odd = False
    for attribute, value in inspect.getmembers(module, callable):
        mark = getattr(value, "imgate_impl", None)
        if mark is None and not attribute.startswith("imgate_"):
            continue
        name = (mark or {}).get("specname") or attribute
        if name not in _HOOKS.values():
            near = get_close_matches(name, _HOOKS.values(), n=1)
            meant = f"; misspelt `{near[0]}`?" if near else "."
            yield f"has {name}, which looks like a hook, and plugin API {API_VERSION} does not know it{meant} {AUTHOR}"
            odd = True
            continue
        if name in hooks_there:
            yield f"implements {name} twice; a plugin registers one object. {AUTHOR}"
        hooks_there.append(name)
        if mark is None:
            yield f"has {name} without @hookimpl, so that nobody would call it. {AUTHOR}"
        elif mark["wrapper"] or mark["hookwrapper"]:
            yield f"wraps a hook ({name}); a plugin may register itself and not stand between others. {AUTHOR}"
        elif arguments := list(inspect.signature(value).parameters):
            yield f"has {name} with arguments ({', '.join(arguments)}); a hook gets none. {AUTHOR}"
    elsewhere = [(other, group) for group, other in _HOOKS.items() if other in hooks_there]
    if hook_name in hooks_there or (odd and not elsewhere):
        return
    if elsewhere:
        other, group = elsewhere[0]
        yield f"implements {other} and not {hook_name}: its entry point belongs into the group {group}. {AUTHOR}"
    else:
        yield f"does not implement {hook_name} with @hookimpl. {AUTHOR}"
