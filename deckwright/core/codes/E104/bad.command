verify --mirror mirror
