"""What pages of visits say alike, wherever they stand: ``cards`` decides between a door and a masked name, ``kitchen_words`` speaks of the kitchen."""
