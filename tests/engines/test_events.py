from ignite.engine import Engine, Events

from bundlert.engines.events import TrainingEvents


def test_an_engine_tells_them_apart_from_its_own():
    heard = []
    engine = Engine(lambda _engine, _batch: None)
    engine.register_events(*TrainingEvents)
    for event in TrainingEvents:
        engine.add_event_handler(event, heard.append, event.name)
    engine.run([1, 2])
    assert heard == []  # nothing of ignite fires them
    engine.fire_event(TrainingEvents.STOPPED)
    engine.fire_event(TrainingEvents.VALIDATED)
    assert heard == ["STOPPED", "VALIDATED"]
    assert not {event.value for event in TrainingEvents} & {event.value for event in Events}
