"""Weeks and plans as files: strict reading, deterministic writing, and where a result is put."""

from matching.files.documents import plan_to_json, read_plan, read_start, read_week, week_to_json

__all__ = ["plan_to_json", "read_plan", "read_start", "read_week", "week_to_json"]
