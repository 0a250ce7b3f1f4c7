decks --out folder/inside/dist
