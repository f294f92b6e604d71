"""The directory of contact persons, who is responsible for whom, and telling people what changed."""
