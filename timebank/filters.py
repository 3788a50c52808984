"""What every template may write after a bar: days with their weekday, minutes as hours."""

from datetime import date

from flask import Flask
from flask_babel import format_date, gettext

from timebank.hours import hours_text, short_text


def weekday(day: date) -> str:
    """Return a date with its weekday, such as 10月28日 周三."""
    return str(format_date(day, gettext("M月d日 EEE")))


def fullday(day: date) -> str:
    """Return a date with its year, such as 2026年10月28日."""
    return str(format_date(day, gettext("y年M月d日")))


def hours(minutes: int) -> str:
    """Return minutes as hours with one decimal."""
    return hours_text(minutes)


def short_hours(minutes: int) -> str:
    """Return a ceiling in minutes as hours, whole ones without a decimal."""
    return short_text(minutes)


def register(app: Flask) -> None:
    """Give the filters to every template."""
    for each in (weekday, fullday, hours, short_hours):
        app.add_template_filter(each)
