"""Who can stand as an actor in the logs: the people and the programs that have, or had, access, by the ids that stand there."""

from collections.abc import Mapping
from dataclasses import dataclass

from imgate.storage import SqlStore
from imgate.vocabulary.words import Role, UserRole


@dataclass(frozen=True, slots=True)
class Actor:
    """A user or an access."""

    name: str
    role: UserRole | Role


def actors_of(store: SqlStore) -> Mapping[str, Actor]:
    """Give all of them by id, revoked ones too. Blocks."""
    people = {user.id: Actor(user.name, user.role) for user in store.people.users.list()}
    return people | {access.client_id: Actor(access.name, access.role) for access in store.access.list()}


def names_of(actors: Mapping[str, Actor]) -> Mapping[str, str]:
    """Give their names alone."""
    return {each: actor.name for each, actor in actors.items()}
