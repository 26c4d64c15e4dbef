"""Meta-analysis in plain arrays: numbers in, numbers out. Knows neither files nor languages nor pandas."""
