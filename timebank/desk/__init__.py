"""What the office's desk does with requests, needs, elders, volunteers and duties where they touch visits. Only pages: the verbs are in ``visits``."""
