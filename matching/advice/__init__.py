"""What people ask of a plan: why somebody is not served, what would help, who else could, whom to recruit, why this person."""
