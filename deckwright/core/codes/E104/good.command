verify --data data
