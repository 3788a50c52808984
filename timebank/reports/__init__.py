"""Reports: what a community, a street, a team or a unit did in a month or a year, what an inspector takes along, what the national system is told."""
