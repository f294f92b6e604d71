"""Double coachings: who is coached by two providers at once, and what people decided about it."""
