"""What makes the review living: its state, its versions, what changed."""
