"""ESS Help Me: emergency social services over LINE, web and telephone."""
