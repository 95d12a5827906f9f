"""What a newcomer runs on their own machine instead of the outside world."""
