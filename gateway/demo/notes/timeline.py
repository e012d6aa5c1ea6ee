"""The days of a note: when the patient came in, what was before, what is to come.

Law: days are in order: earlier visits, admission, the stay, today, what is planned. Imports: the standard library.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random


class Timeline:
    """Days about a stay that ends today."""

    def __init__(self, draw: Random, today: date) -> None:
        self._draw = draw
        self.today = today
        self.admitted = today - timedelta(days=draw.randint(2, 9))
        self.earlier = self.admitted - timedelta(days=draw.randint(1, 90))

    def before(self) -> date:
        """A day before `earlier`, up to two and a half years."""
        return self.earlier - timedelta(
            days=self._draw.choice((self._draw.randint(1, 30), self._draw.randint(30, 900)))
        )

    def within(self) -> date:
        """A day of the stay."""
        return self.admitted + timedelta(days=self._draw.randint(0, (self.today - self.admitted).days))

    def after(self) -> date:
        """A day within four months."""
        return self.today + timedelta(days=self._draw.randint(2, 120))
