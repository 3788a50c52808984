"""The ceiling: what no plan of a week can exceed, proved beside the search."""
