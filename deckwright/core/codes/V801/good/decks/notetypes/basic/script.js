// Runs on the front.
