decks --out notes/inside/dist
