"""Events of a training besides those of ignite."""

from __future__ import annotations

from ignite.engine.events import EventEnum


class TrainingEvents(EventEnum):
    """VALIDATED: there is a new validation result. STOPPED: somebody asked to stop, the step is done."""

    VALIDATED = "validated"
    STOPPED = "stopped"
