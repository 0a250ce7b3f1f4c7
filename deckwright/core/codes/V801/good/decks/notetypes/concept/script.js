// what the front runs
