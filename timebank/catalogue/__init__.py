"""The catalogue as data: service kinds and skills. What a kind needs is a row, never a branch in the code."""
