"""VROOM as a peer: meals as shipments from their canteens, or plain deliveries where everything is loaded at the start."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.benchmarks.stripped import Day, Step, Task, Tours, loaded

LEVEL = 5


def solve(day: Day, seconds: float) -> Tours:
    """Plan a day by VROOM at its highest exploration level on one thread."""
    import vroom

    problem = vroom.Input()
    for mode, minutes in day.minutes.items():
        problem.set_durations_matrix(mode, minutes)
    groups = {allowed: number for number, allowed in enumerate(dict.fromkeys(task.allowed for task in day.tasks))}
    for number, one in enumerate(day.vehicles):
        problem.add_vehicle(
            vroom.Vehicle(
                number,
                start=one.home,
                end=one.home,
                profile=one.mode,
                capacity=[one.boxes],
                skills={group for allowed, group in groups.items() if number in allowed},
                time_window=vroom.TimeWindow(one.start, one.end),
            )
        )
    for number, task in enumerate(day.tasks):
        problem.add_job(_job(vroom, day, number, task, groups))
    answer = problem.solve(exploration_level=LEVEL, nb_threads=1, timeout=timedelta(seconds=seconds))
    return _tours(day, answer.routes)


def _job(vroom: Any, day: Day, number: int, task: Task, groups: Mapping[frozenset[int], int]) -> Any:
    more = {"skills": {groups[task.allowed]}, "priority": task.weight}
    at_door = {"default_service": task.minutes, "time_windows": [vroom.TimeWindow(task.start, task.latest)]}
    if task.canteen is None or day.one_trip:
        return vroom.Job(number, task.door, delivery=[task.boxes], **at_door, **more)
    pickup = vroom.ShipmentStep(number, task.canteen, time_windows=[vroom.TimeWindow(task.ready, task.until)])
    return vroom.Shipment(pickup, vroom.ShipmentStep(number, task.door, **at_door), amount=[task.boxes], **more)


def _tours(day: Day, routes: Any) -> Tours:
    found: dict[int, list[Step]] = {}
    if routes.empty:
        return found
    for vehicle, kind, number in zip(routes["vehicle_id"], routes["type"], routes["id"], strict=True):
        if kind not in {"start", "end"}:
            found.setdefault(int(vehicle), []).append((int(number), kind == "pickup"))
    if day.one_trip:
        return {vehicle: loaded(day, [task for task, _ in steps]) for vehicle, steps in found.items()}
    return found
