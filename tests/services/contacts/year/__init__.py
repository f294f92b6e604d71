"""One year of a project with three job centres, played week by week."""
