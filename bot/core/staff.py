"""Staff: the department's people in the console, and what their role lets them do."""

from dataclasses import dataclass
from enum import Enum


class Role(str, Enum):
    """STAFF help residents. ADMIN do that too, and look after the staff list."""

    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True)
class StaffMember:
    """A staff member as pages see one: never with the password's hash. `name` is what residents read."""

    id: str
    username: str
    name: str
    role: Role
    language: str = "en"
    active: bool = True

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN
